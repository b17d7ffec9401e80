/** Options that several commands share: one wording, one default. */
import type { OptionDefinition } from "../command-line/definition.ts";
import { directory, hostAddress, stackName, text } from "../command-line/value-kinds.ts";

export const project = {
  description: "directory with Pulumi.yaml",
  takes: directory,
  default: ".",
} as const satisfies OptionDefinition;

export const json = { description: "print the result as JSON" } as const satisfies OptionDefinition;

export const resolve = {
  description: "connect to a host name at this base URL instead of asking the DNS",
  takes: hostAddress,
  many: true,
} as const satisfies OptionDefinition;

export const stack = <const D extends string>(description: D) =>
  ({ description, takes: stackName, required: true }) as const satisfies OptionDefinition;

export const stacks = <const D extends string>(description: D) =>
  ({ description, takes: stackName, required: true, many: true }) as const satisfies OptionDefinition;

/** Who decides and why: kept, so neither may be blank. */
export const accountable = {
  by: { description: "who decides; kept", takes: text("name", "name who decides"), required: true },
  reason: {
    description: "why; kept",
    takes: text("text", "write why: a decision without a reason helps nobody later"),
    required: true,
  },
} as const satisfies Record<string, OptionDefinition>;
