/** Names of the database accesses that sign tokens. */
import { problem, type Problem } from "../problems.ts";

/** Problems of the names; `where` is the argument or key that contains them. */
export function accessProblems(where: string, accesses: readonly string[]): Problem[] {
  if (accesses.length === 0) {
    const rule = "must name at least one access, or every token is invalid after a restore";
    return [problem(where, accesses, rule, "name the database's accesses")];
  }
  return accesses.flatMap((value, index) => {
    const entry = `${where}[${index}]`;
    if (typeof value !== "string" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) {
      const rule = "must be a valid name for DEFINE ACCESS: letters, digits and underscores";
      return [problem(entry, value, rule, "correct the name")];
    }
    return accesses.indexOf(value) < index
      ? [problem(entry, value, "must not be repeated", "remove the duplicate")]
      : [];
  });
}
