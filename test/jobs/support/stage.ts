/** The environment of jobs: an S3 emulator with two locked buckets, and databases on disk. */
import { join } from "node:path";
import { CreateBucketCommand, PutObjectLockConfigurationCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { startAws, type LocalAws } from "@vapora-continuity/local-cloud/aws";
import { openRun, type Run } from "@vapora-continuity/local-cloud/run";
import { Database } from "../../../jobs/database/client.ts";
import { runJob, type Ended } from "../../../jobs/main.ts";
import { S3PointStore } from "../../../jobs/points/s3-store.ts";
import type { PointStore } from "../../../jobs/points/store.ts";
import { serveDatabase, type ServedDatabase } from "./served-database.ts";
import { scheduleEnvironment } from "../../support/schedule-environment.ts";

export const regions = { primary: "eu-west-1", alternate: "eu-central-1" } as const;
export type Site = keyof typeof regions;
export const password = "root-secret";
export const accountKey = "the-real-key-of-the-account-access";
export const bucketOf = (site: Site) => `points-${site}`;

export interface Stage {
  run: Run;
  aws: LocalAws;
  /** A database server on a fresh storage. */
  serve(name: string): Promise<ServedDatabase>;
  database(front: ServedDatabase, name: string): Database;
  store(site: Site): PointStore;
  s3(site: Site): S3Client;
  /** Environment of a job at a site, with the given database. */
  environment(site: Site, front: ServedDatabase, changed?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  job(words: string, environment: NodeJS.ProcessEnv): Promise<Ended>;
  stop(): Promise<void>;
}

/** Python with the emulator: from the environment, otherwise the local stack's. */
async function findPython(): Promise<string> {
  const named = process.env["CONTINUITY_TEST_PYTHON"];
  if (named) return named;
  const { ensureTools } = await import("@vapora-continuity/local-cloud/tools");
  return (await ensureTools(() => undefined)).python;
}

export async function openStage(): Promise<Stage> {
  const run = await openRun("jobs-test");
  const aws = await startAws({ run, python: await findPython(), regions: [regions.primary, regions.alternate] });
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: aws.endpoint(regions.primary),
    AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
  });
  const fronts: ServedDatabase[] = [];
  const stage: Stage = {
    run,
    aws,
    serve: async (name) => {
      const front = await serveDatabase(run, name, `rocksdb:${join(run.directory, name)}`, password);
      fronts.push(front);
      return front;
    },
    database: (front, name) =>
      new Database({ url: front.url, namespace: "vapora", username: "root", password, timeoutSeconds: 20 }, name),
    store: (site) => new S3PointStore({ bucket: bucketOf(site), region: regions[site], timeoutSeconds: 10 }),
    s3: (site) => new S3Client({ region: regions[site], forcePathStyle: true }),
    environment: (site, front, changed = {}) => ({ ...baseEnvironment(site), DATABASE_URL: front.url, ...changed }),
    job: (words, environment) => runJob(words.split(" "), environment),
    stop: async () => {
      for (const front of fronts) await front.stop();
      await aws.stop();
      await run.close();
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
    },
  };
  await makeBuckets(stage);
  await makeSecrets();
  return stage;
}

const baseEnvironment = (site: Site): NodeJS.ProcessEnv => ({
  SITE: site,
  SITE_ROLE: site === "primary" ? "active" : "standby",
  DATABASE_NAMESPACE: "vapora",
  DATABASE_USERNAME: "root",
  DATABASE_PASSWORD: password,
  SERVICES_USERNAME: "services",
  SERVICES_PASSWORD: "services-secret",
  APPLICATION: "vapora-test",
  AWS_REGION: regions[site],
  BUCKET: bucketOf(site),
  BUCKET_REGION: regions[site],
  EVIDENCE_BUCKET: bucketOf(site),
  EVIDENCE_BUCKET_REGION: regions[site],
  ACCESS_KEYS_SECRET_ID: "vapora-test/database-access-keys",
  RETENTION_DAYS: "30",
  ...scheduleEnvironment,
});

async function makeBuckets(stage: Stage): Promise<void> {
  for (const site of ["primary", "alternate"] as const) {
    const [client, Bucket] = [stage.s3(site), bucketOf(site)];
    const CreateBucketConfiguration = { LocationConstraint: regions[site] };
    await client.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration, ObjectLockEnabledForBucket: true }));
    const DefaultRetention = { Mode: "COMPLIANCE" as const, Days: 30 };
    const ObjectLockConfiguration = { ObjectLockEnabled: "Enabled" as const, Rule: { DefaultRetention } };
    await client.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
    client.destroy();
  }
}

async function makeSecrets(): Promise<void> {
  for (const region of Object.values(regions)) {
    const client = new SecretsManagerClient({ region });
    const SecretString = JSON.stringify({ account: accountKey });
    await client.send(new CreateSecretCommand({ Name: "vapora-test/database-access-keys", SecretString }));
    client.destroy();
  }
}
