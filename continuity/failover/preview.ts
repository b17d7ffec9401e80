import type { S3Client } from "@aws-sdk/client-s3";
import { messageOf } from "../cannot-run.ts";
import type { PreviewFindings } from "../stacks.ts";
import { preChecks, type CheckReport } from "./checks.ts";
import type { FailoverContext } from "./context.ts";

/** Seconds for a preview whose verdict will not stop anything. */
const skippedPreviewSeconds = 30;

/** The pre-checks, and beside them a preview of the role switch with the policy pack: neither changes anything. */
export async function checkSwitch(context: FailoverContext, s3: Pick<S3Client, "send">): Promise<CheckReport> {
  const [report, preview] = await Promise.all([preChecks(context, s3), previewSwitch(context)]);
  return {
    ...report,
    blockers: [...report.blockers, ...preview.blockers],
    warnings: [...report.warnings, ...preview.warnings],
  };
}

/**
 * A policy that the switch would break forbids it, and so does a preview without a verdict, unless policies are
 * skipped. What the cluster refuses is a warning: the update leaves it out, the policies judge what remains (the
 * refused part as it is now), and the gates decide what it is worth.
 */
export async function previewSwitch(
  context: Pick<FailoverContext, "stack" | "skipPolicies" | "missingPack">,
): Promise<Pick<CheckReport, "blockers" | "warnings">> {
  if (context.missingPack !== undefined) {
    return { blockers: [], warnings: [`no policy is asked: there is no policy pack in ${context.missingPack}`] };
  }
  const skip = context.skipPolicies === true;
  const { violations, failures, unfinished } = await preview(context, skip);
  const against = [
    ...violations.map((violation) => `the policy pack forbids the switch: ${violation}`),
    ...(unfinished === undefined ? [] : [`the policy pack could not judge the switch: ${unfinished}`]),
  ];
  const warnings = failures.map((failure) => `the update will not be complete: ${failure}`);
  if (skip) return { blockers: [], warnings: [...against.map((text) => `${text}; skipped`), ...warnings] };
  const blockers = against.map((text) => `${text}; mend it, or go on with --skip-policies`);
  // Warnings are not shown where the switch is refused, and what is left out may be the reason for a violation.
  if (violations.length > 0) blockers.push(...failures.map((failure) => `this was left as it is: ${failure}`));
  return { blockers, warnings };
}

async function preview({ stack }: Pick<FailoverContext, "stack">, skip: boolean): Promise<PreviewFindings> {
  try {
    return await stack.preview({ role: "active", timeoutSeconds: skip ? skippedPreviewSeconds : undefined });
  } catch (error) {
    return { violations: [], failures: [], unfinished: messageOf(error) };
  }
}
