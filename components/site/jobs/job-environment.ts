/** The environment of the continuity jobs; `jobs/settings.ts` says what each variable means. */
import {
  accessKeysSecret,
  kubernetesNames,
  otherSite,
  ownBucket,
  ownRegion,
  recoveryPointBucket,
  regionOf,
  type SiteFacts,
  type SiteName,
} from "../../../contract/index.ts";
import { credentialsEnv, env, fieldEnv, type EnvVar } from "../../kit/kubernetes/index.ts";

/** Address of the site's database inside its namespace. */
export const databaseUrl = `http://${kubernetesNames.database}:${kubernetesNames.databasePort}`;

/** What the site is. */
export const siteEnv = ({ site, role }: SiteFacts): EnvVar[] => env({ SITE_ROLE: role, SITE: site });

/** What a job that speaks to AWS needs; credentials come from the pod's identity. */
export const awsEnv = (facts: SiteFacts): EnvVar[] =>
  env({ AWS_REGION: ownRegion(facts), APPLICATION: facts.topology.namePrefix });

/** The site's database, by its root user. */
export const databaseEnv = ({ databaseNamespace }: SiteFacts): EnvVar[] => [
  ...env({ DATABASE_URL: databaseUrl, DATABASE_NAMESPACE: databaseNamespace }),
  ...credentialsEnv("DATABASE", kubernetesNames.databaseRootSecret),
];

/** The recovery points of one site's region. */
export const storeEnv = ({ topology }: SiteFacts, site: SiteName): EnvVar[] =>
  env({ BUCKET: recoveryPointBucket(topology, site), BUCKET_REGION: regionOf(topology, site) });

/** The recovery points of the region that a job does not run in. */
export const otherStoreEnv = ({ topology, site }: SiteFacts): EnvVar[] =>
  env({
    OTHER_BUCKET: recoveryPointBucket(topology, otherSite(site)),
    OTHER_BUCKET_REGION: regionOf(topology, otherSite(site)),
  });

/** Evidence stays in the own region: writing it must not need the other one. */
export const evidenceEnv = (facts: SiteFacts): EnvVar[] =>
  env({ EVIDENCE_BUCKET: ownBucket(facts), EVIDENCE_BUCKET_REGION: ownRegion(facts) });

/** What makes accesses safe after a restore; an export looks whether it is there. */
export const restoreEnv = ({ topology }: SiteFacts): EnvVar[] =>
  env({ ACCESS_KEYS_SECRET_ID: accessKeysSecret(topology) });

/** Which run this is: the Job's name ends in the minute for which its CronJob planned it. */
export const runEnv = (): EnvVar[] => [
  fieldEnv("JOB_NAME", "metadata.labels['batch.kubernetes.io/job-name']"),
  fieldEnv("POD_IP", "status.podIP"),
];
