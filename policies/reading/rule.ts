/** A mandatory stack policy that also stops the deployment if it cannot be evaluated. */
import type { StackValidationPolicy } from "@pulumi/policy";
import { stackSetting } from "./stack.ts";
import { readable, type Found, type Report } from "./values.ts";

export interface Rule {
  /** Name of the policy in violations. */
  name: string;
  /** Property that the rule guarantees. */
  description: string;
  /** Reports every violation. An exception counts as a violation: it must not let a deployment pass. */
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
      report(`cannot be checked, so the deployment is stopped: ${reason}`);
    }
  },
});

/** A rule about what every site deploys; the shared stack deploys no site, which `site-as-configured` checks. */
export const siteRule = ({ check, ...rule }: Rule): StackValidationPolicy =>
  stackRule({
    ...rule,
    check: (resources, report) => {
      if (stackSetting("site") !== "shared") check(resources, report);
    },
  });

/** A rule may read the same unknown value several times. */
function once(reportViolation: Report): Report {
  const reported = new Set<string>();
  return (message, urn) => {
    const key = `${urn ?? ""} ${message}`;
    if (reported.has(key)) return;
    reported.add(key);
    reportViolation(message, urn);
  };
}
