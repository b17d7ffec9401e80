/** Where the recovery points of each site belong: the stacks of the sites export there, the shared stack has the buckets. */
import {
  kubernetesNames,
  recoveryPointBucket,
  regionOf as regionOfSite,
  type SiteName,
  type StackPart,
} from "../../contract/index.ts";
import { findCronJob } from "./jobs.ts";
import { stackSetting } from "./stack.ts";
import { envOf, regionOf, textAt, type Found, type Report } from "./values.ts";

interface Place {
  bucket: string;
  region: string;
}

/** Where the exports of a site belong. */
function placeOf(site: SiteName): Place {
  const [namePrefix, primaryRegion] = [stackSetting("namePrefix"), stackSetting("primaryRegion")];
  const topology = { namePrefix, primaryRegion, alternateRegion: stackSetting("alternateRegion") };
  return { bucket: recoveryPointBucket(topology, site), region: regionOfSite(topology, site) };
}

/** A correct store is useless if exports are written elsewhere. */
export function checkExportsReachStore(
  part: StackPart,
  buckets: readonly Found[],
  resources: readonly Found[],
  report: Report,
): void {
  if (part !== "shared") return checkExports(placeOf(part), resources, report);
  for (const site of ["primary", "alternate"] as const) checkBucketOf(site, buckets, report);
}

function checkBucketOf(site: SiteName, buckets: readonly Found[], report: Report): void {
  const { bucket, region } = placeOf(site);
  if (buckets.some((found) => textAt(found.props, "bucket") === bucket && regionOf(found) === region)) return;
  report(
    `no bucket "${bucket}" in ${region} in the replicated store, but the exports of the ${site} site write there; ` +
      `keep the names and regions that the BackupStore derives from the configuration`,
  );
}

function checkExports({ bucket, region }: Place, resources: readonly Found[], report: Report): void {
  for (const name of [kubernetesNames.exportJob, kubernetesNames.changeExportJob]) {
    const job = findCronJob(resources, name, report);
    if (job === undefined) continue;
    const written = { bucket: envOf(job.container, "BUCKET"), region: envOf(job.container, "BUCKET_REGION") };
    if (written.bucket === bucket && written.region === region) continue;
    report(
      `${name}: writes ${written.bucket ?? "an unknown bucket"} in ${written.region ?? "an unknown region"}, which is not the ` +
        `replicated store's bucket of this site's region, ${bucket} in ${region}; export there`,
      job.urn,
    );
  }
}
