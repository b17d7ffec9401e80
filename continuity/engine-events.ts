/** What the engine's events say of an update or a preview. */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { stripVTControlCharacters } from "node:util";

export interface ResourceChange {
  op: string;
  type: string;
  urn: string;
  failed: boolean;
}

/** What stands against an update; each entry is one line. */
export interface PreviewFindings {
  /** Mandatory policies that the change would break. */
  violations: string[];
  /** Resources that the providers or the cluster refuse. */
  failures: string[];
  /** Why there is no verdict of the policies. */
  unfinished: string | undefined;
}

export function reportChange(event: EngineEvent, onResource?: (change: ResourceChange) => void): void {
  const done = event.resOutputsEvent ?? event.resOpFailedEvent;
  if (!done || done.metadata.op === "same") return;
  const { op, type, urn } = done.metadata;
  onResource?.({ op, type, urn, failed: event.resOpFailedEvent !== undefined });
}

/** What the engine and the policies have against an update, each in one line. */
export function complaintsIn({ diagnosticEvent: diagnostic, policyEvent: policy }: EngineEvent): string[] {
  const complaints = [];
  if (diagnostic?.severity === "error") complaints.push(complaint(diagnostic.urn, diagnostic.message));
  if (policy?.enforcementLevel === "mandatory") complaints.push(complaint(policy.resourceUrn, policy.message));
  return complaints;
}

/** What one preview found, and the URNs of the resources that were refused. */
export interface Collected {
  violations: string[];
  failures: string[];
  refused: Set<string>;
}

/** Errors that name a resource are the providers' and the cluster's; all others end the preview without a result. */
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

/** Without the engine's colours, in one line. */
export const cleaned = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/<\{%[^%]*%\}>/g, "")
    .replace(/\s+/g, " ")
    .trim();
