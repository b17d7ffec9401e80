/**
 * Whether a restore would find the key of every access. An export leaves the keys out, so an access that the secret
 * store does not know makes every import fail: found out here, there is time to mend it.
 */
import { metrics } from "../../contract/index.ts";
import { keyedAccesses, missingKeys, type AccessKeys } from "../database/accesses.ts";
import { readDefinitions } from "../database/definitions.ts";
import { publish } from "../metrics.ts";
import { isPassing } from "../points/failures.ts";
import { JobFailure, messageOf, type JobContext, type Result } from "../result.ts";
import { readAccessKeys } from "../secrets.ts";
import type { Settings } from "../settings.ts";
import type { ExportSource } from "./context.ts";

type ReadKeys = (secretId: string) => Promise<Record<string, AccessKeys>>;

/**
 * The result of an export, unless an access lacks its key. The point is kept all the same: its data are whole, and it
 * can be restored as soon as the key is there. The job fails, also when it is repeated and finds its point made.
 */
export async function withAccessKeys(
  { database }: ExportSource,
  result: Result,
  settings: Settings<"export">,
  context: JobContext,
  readKeys: ReadKeys = (ACCESS_KEYS_SECRET_ID) =>
    readAccessKeys({ ...settings, ACCESS_KEYS_SECRET_ID }, context.signal),
): Promise<Result> {
  const { ACCESS_KEYS_SECRET_ID } = settings;
  if (ACCESS_KEYS_SECRET_ID === undefined) return result;
  const names = keyedAccesses((await readDefinitions(database)).accesses);
  const problems = await findProblems(names, () => readKeys(ACCESS_KEYS_SECRET_ID), context);
  if (problems.length === 0) return result;
  await publish(settings, metrics.refusedRecoveryPoints, 1, "Count", context);
  throw new JobFailure(
    `the recovery point is kept, but cannot be restored yet: ${problems.join("; ")}; ` +
      `set accessNames of the primary site's stack to all of ${names.join(", ")} and run pulumi up`,
    { ...result.details, accessProblems: problems },
  );
}

async function findProblems(
  names: string[],
  readKeys: () => Promise<Record<string, AccessKeys>>,
  context: JobContext,
): Promise<string[]> {
  if (names.length === 0) return [];
  try {
    return missingKeys(names, await readKeys());
  } catch (error) {
    context.signal.throwIfAborted();
    if (!isPassing(error)) return [`the keys of ${names.join(", ")} cannot be read: ${messageOf(error)}`];
    // The standby reads the copy in its own region; a secret store that is out of reach for a while is no lost key.
    context.log(`whether every access has its key was not checked: ${messageOf(error)}`);
    return [];
  }
}
