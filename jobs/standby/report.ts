/** Reports the site state and the writer record of the site's region, read-only and without the lease. */
import { openServer } from "../database/open-server.ts";
import { readState } from "../database/state.ts";
import { S3PointStore } from "../points/s3-store.ts";
import { readWriter, standingOf } from "../points/writer.ts";
import { messageOf, succeeded, type JobContext, type Result } from "../result.ts";
import type { Settings } from "../settings.ts";

export async function reportState(settings: Settings<"standby-sync">, context: JobContext): Promise<Result> {
  const { BUCKET: bucket, BUCKET_REGION: region, AWS_TIMEOUT_SECONDS: timeoutSeconds, SITE: site } = settings;
  const store = new S3PointStore({ bucket, region, timeoutSeconds, signal: context.signal });
  try {
    const state = await readState(openServer(settings.DATABASE_URL, settings, context));
    const record = await readWriter(store).then(
      (seen) => ({ writer: seen?.writer ?? null, standing: standingOf(seen?.writer, site, state?.epoch ?? 0) }),
      (error: unknown) => ({ problem: messageOf(error) }),
    );
    return succeeded({ site, state: state ?? null, ...record });
  } finally {
    await store.close();
  }
}
