/** Names of the database accesses that sign tokens. */
import { problem, type Problem } from "../problems.ts";

/** What is wrong with the names; `where` is the argument or key that holds them. */
export function accessProblems(where: string, accesses: readonly string[]): Problem[] {
  if (accesses.length === 0) {
    const rule = "must name at least one access, or no token works after a restore";
    return [problem(where, accesses, rule, "name the database's accesses")];
  }
  return accesses.flatMap((value, index) => {
    const entry = `${where}[${index}]`;
    if (typeof value !== "string" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) {
      const rule = "must be a name as DEFINE ACCESS takes it: letters, digits and underscores";
      return [problem(entry, value, rule, "correct the name")];
    }
    return accesses.indexOf(value) < index ? [problem(entry, value, "must be named once", "leave it out")] : [];
  });
}
