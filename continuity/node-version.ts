import { CannotRun } from "./cannot-run.ts";

/** The first Node.js release with Zstandard, which recovery points and the Kubernetes client need. */
const required = [22, 15] as const;

/** @throws CannotRun if this Node.js, such as `20.20.2`, is too old for the commands. */
export function checkNode(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > required[0] || (major === required[0] && minor >= required[1])) return;
  throw new CannotRun(`Node.js is ${version}, but must be ${required.join(".")} or newer`, [
    "run the command with a newer Node.js, which may be installed beside the present one",
  ]);
}
