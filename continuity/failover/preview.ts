import type { S3Client } from "@aws-sdk/client-s3";
import { messageOf } from "../cannot-run.ts";
import type { PreviewFindings } from "../stacks.ts";
import { preChecks, type CheckReport } from "./checks.ts";
import type { FailoverContext } from "./context.ts";

/** Time limit of a preview whose verdict is not binding, in seconds. */
const skippedPreviewSeconds = 30;

/** Runs the pre-checks and a preview of the role update with the policy pack concurrently; neither changes anything. */
export async function checkSwitch(context: FailoverContext, s3: Pick<S3Client, "send">): Promise<CheckReport> {
  const [report, preview] = await Promise.all([preChecks(context, s3), previewSwitch(context)]);
  return {
    ...report,
    blockers: [...report.blockers, ...preview.blockers],
    warnings: [...report.warnings, ...preview.warnings],
  };
}

/**
 * A violated policy blocks the failover, as does a preview without a verdict, unless policies are skipped. Resources
 * rejected by the cluster are a warning: the update excludes them, the policies judge the rest (with the rejected part
 * as it is now), and the gates decide whether it matters.
 */
async function previewSwitch(
  context: Pick<FailoverContext, "stack" | "skipPolicies" | "missingPack">,
): Promise<Pick<CheckReport, "blockers" | "warnings">> {
  if (context.missingPack !== undefined) {
    return { blockers: [], warnings: [`policies are not checked: there is no policy pack in ${context.missingPack}`] };
  }
  const skip = context.skipPolicies === true;
  const { violations, failures, unfinished } = await preview(context, skip);
  const against = [
    ...violations.map((violation) => `the policy pack rejects the role update: ${violation}`),
    ...(unfinished === undefined ? [] : [`the policy pack reached no verdict: ${unfinished}`]),
  ];
  const warnings = failures.map((failure) => `the update will be incomplete: ${failure}`);
  if (skip) return { blockers: [], warnings: [...against.map((text) => `${text}; skipped`), ...warnings] };
  const blockers = against.map((text) => `${text}; fix it, or continue with --skip-policies`);
  // Warnings are not shown with blockers, and an excluded resource may be the cause of a violation.
  if (violations.length > 0) blockers.push(...failures.map((failure) => `this resource was excluded: ${failure}`));
  return { blockers, warnings };
}

async function preview({ stack }: Pick<FailoverContext, "stack">, skip: boolean): Promise<PreviewFindings> {
  try {
    return await stack.preview({ role: "active", timeoutSeconds: skip ? skippedPreviewSeconds : undefined });
  } catch (error) {
    return { violations: [], failures: [], unfinished: messageOf(error) };
  }
}
