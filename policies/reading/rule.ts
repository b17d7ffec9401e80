/** A mandatory rule over a whole stack, which stops the deployment also when it cannot be applied. */
import type { StackValidationPolicy } from "@pulumi/policy";
import { readable, type Found, type Report } from "./values.ts";

export interface Rule {
  name: string;
  description: string;
  /** Reports every violation. What it throws is one: an exception must not let a deployment through. */
  check: (resources: readonly Found[], report: Report) => void;
}

export const stackRule = ({ name, description, check }: Rule): StackValidationPolicy => ({
  name,
  description,
  enforcementLevel: "mandatory",
  validateStack: ({ resources }, reportViolation) => {
    const report = once(reportViolation);
    try {
      check(
        resources.map((resource) => readable(resource, report)),
        report,
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      report(`cannot be checked, and what is not checked is not deployed: ${reason}`);
    }
  },
});

/** A rule may read one unknown value often. */
function once(reportViolation: Report): Report {
  const reported = new Set<string>();
  return (message, urn) => {
    const key = `${urn ?? ""} ${message}`;
    if (reported.has(key)) return;
    reported.add(key);
    reportViolation(message, urn);
  };
}
