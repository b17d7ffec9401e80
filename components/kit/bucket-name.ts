/** S3's own rules for bucket names, which the provider's preview does not check. */
import { problem, type Problem } from "./problems.ts";

/** Why S3 would refuse the name; empty if it would not. */
export function bucketNameProblems(where: string, name: string): Problem[] {
  const valid = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes("..");
  if (valid) return [];
  const rule = "must be 3 to 63 lower-case letters, digits and hyphens, as S3 requires";
  return [problem(where, name, rule, "shorten or correct namePrefix")];
}
