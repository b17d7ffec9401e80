/** Provider calls without an engine. */
import type { ProviderCall } from "../../providers/provider.ts";

export interface Reported {
  severity: string;
  message: string;
}

/** A call as the engine would make it; `reported` collects the provider's messages. */
export function callOf(type: string, changes: Partial<ProviderCall> = {}): ProviderCall & { reported: Reported[] } {
  const reported: Reported[] = [];
  return {
    urn: `urn:pulumi:test::test::${type}::thing`,
    type,
    name: "thing",
    config: {},
    preview: false,
    timeoutSeconds: 0,
    signal: new AbortController().signal,
    report: (severity, message) => reported.push({ severity, message }),
    ...changes,
    reported,
  };
}
