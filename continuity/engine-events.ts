/** Evaluates the engine's events of an update or a preview. */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { stripVTControlCharacters } from "node:util";

/** Objections to an update; each entry is one line. */
export interface PreviewFindings {
  /** Violations of mandatory policies. */
  violations: string[];
  /** Resources rejected by providers or the cluster. */
  failures: string[];
  /** Why the policies reached no verdict. */
  unfinished: string | undefined;
}

/**
 * Follows which resources the engine is working on, oldest first, by name. What an update is stuck on is among them;
 * what it finished last is not.
 */
export function trackPending(onPending: ((names: readonly string[]) => void) | undefined) {
  const pending = new Map<string, string>();
  return ({ resourcePreEvent: begun, resOutputsEvent, resOpFailedEvent }: EngineEvent): void => {
    const metadata = (begun ?? resOutputsEvent ?? resOpFailedEvent)?.metadata;
    // A component is pending until all of its children are, which says nothing.
    if (!metadata || metadata.op === "same" || (metadata.new ?? metadata.old)?.custom === false) return;
    if (begun) pending.set(metadata.urn, metadata.urn.split("::").at(-1) ?? "");
    else pending.delete(metadata.urn);
    onPending?.([...pending.values()]);
  };
}

const shownNames = 3;

/** The oldest few of the pending resources, in one line; undefined: none. */
export function describePending(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const more = names.length - shownNames;
  return names.slice(0, shownNames).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Objections of the engine and the policies, each in one line. */
export function complaintsIn({ diagnosticEvent: diagnostic, policyEvent: policy }: EngineEvent): string[] {
  const complaints = [];
  if (diagnostic?.severity === "error") complaints.push(complaint(diagnostic.urn, diagnostic.message));
  if (policy?.enforcementLevel === "mandatory") complaints.push(complaint(policy.resourceUrn, policy.message));
  return complaints;
}

/** Findings of one preview, and the URNs of rejected resources. */
export interface Collected {
  violations: string[];
  failures: string[];
  refused: Set<string>;
}

/** Errors with a resource come from providers or the cluster; all others end the preview without a result. */
export function collectFindings(
  { diagnosticEvent: diagnostic, policyEvent: policy }: EngineEvent,
  { violations, failures, refused }: Collected,
): void {
  if (policy?.enforcementLevel === "mandatory") {
    violations.push(`${policy.policyName}: ${complaint(policy.resourceUrn, policy.message)}`);
  } else if (diagnostic?.severity === "error" && diagnostic.urn && !diagnostic.urn.includes("pulumi:pulumi:Stack::")) {
    failures.push(complaint(diagnostic.urn, diagnostic.message));
    refused.add(diagnostic.urn);
  }
}

const complaint = (urn: string | undefined, text: string): string =>
  urn ? `${urn.split("::").at(-1)}: ${cleaned(text)}` : cleaned(text);

/** Without colours, on one line. */
export const cleaned = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/<\{%[^%]*%\}>/g, "")
    .replace(/\s+/g, " ")
    .trim();
