/** The environment of the continuity jobs; `jobs/settings.ts` describes each variable. */
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

/** The site and its role. */
export const siteEnv = ({ site, role }: SiteFacts): EnvVar[] => env({ SITE_ROLE: role, SITE: site });

/** For jobs that call AWS; credentials come from EKS Pod Identity. */
export const awsEnv = (facts: SiteFacts): EnvVar[] =>
  env({ AWS_REGION: ownRegion(facts), APPLICATION: facts.topology.namePrefix });

/** The site's database, with its root user. */
export const databaseEnv = ({ databaseNamespace }: SiteFacts): EnvVar[] => [
  ...env({ DATABASE_URL: databaseUrl, DATABASE_NAMESPACE: databaseNamespace }),
  ...credentialsEnv("DATABASE", kubernetesNames.databaseRootSecret),
];

/** The bucket of one site's region. */
export const storeEnv = ({ topology }: SiteFacts, site: SiteName): EnvVar[] =>
  env({ BUCKET: recoveryPointBucket(topology, site), BUCKET_REGION: regionOf(topology, site) });

/** The bucket of the other site's region. */
export const otherStoreEnv = ({ topology, site }: SiteFacts): EnvVar[] =>
  env({
    OTHER_BUCKET: recoveryPointBucket(topology, otherSite(site)),
    OTHER_BUCKET_REGION: regionOf(topology, otherSite(site)),
  });

/** Evidence is written to the site's own region, so that it does not depend on the other region. */
export const evidenceEnv = (facts: SiteFacts): EnvVar[] =>
  env({ EVIDENCE_BUCKET: ownBucket(facts), EVIDENCE_BUCKET_REGION: ownRegion(facts) });

/** The access keys, which a restore redefines; an export checks that they exist. */
export const restoreEnv = ({ topology }: SiteFacts): EnvVar[] =>
  env({ ACCESS_KEYS_SECRET_ID: accessKeysSecret(topology) });

/** Identifies the run: a CronJob ends the Job's name with the scheduled minute. */
export const runEnv = (): EnvVar[] => [
  fieldEnv("JOB_NAME", "metadata.labels['batch.kubernetes.io/job-name']"),
  fieldEnv("POD_IP", "status.podIP"),
];
