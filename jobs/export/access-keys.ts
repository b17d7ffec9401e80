/**
 * Checks at export time that the secret store has a key for every access. Exports omit the keys, so a restore would
 * fail without them; reporting it here leaves time to fix it.
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
 * Passes the export's result on, or throws if the key of an access is missing. The recovery point is kept: its data are
 * complete, and it can be restored once the key exists. A repeated run that finds the recovery point already exported
 * fails too.
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
    `the recovery point was exported but cannot be restored yet: ${problems.join("; ")}; ` +
      `set accessNames of the shared stack to all of ${names.join(", ")} and run pulumi up`,
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
    // A secret store that is temporarily unreachable is not a missing key; the standby reads the replica in its own
    // region.
    context.log(`could not check whether every access has a key: ${messageOf(error)}`);
    return [];
  }
}
