/** Evaluates the engine's events of an update or a preview. */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { stripVTControlCharacters } from "node:util";

export interface ResourceChange {
  op: string;
  type: string;
  urn: string;
  failed: boolean;
}

/** Objections to an update; each entry is one line. */
export interface PreviewFindings {
  /** Violations of mandatory policies. */
  violations: string[];
  /** Resources rejected by providers or the cluster. */
  failures: string[];
  /** Why the policies reached no verdict. */
  unfinished: string | undefined;
}

export function reportChange(event: EngineEvent, onResource?: (change: ResourceChange) => void): void {
  const done = event.resOutputsEvent ?? event.resOpFailedEvent;
  if (!done || done.metadata.op === "same") return;
  const { op, type, urn } = done.metadata;
  onResource?.({ op, type, urn, failed: event.resOpFailedEvent !== undefined });
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
