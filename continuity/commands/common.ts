/** Options shared by several commands, with the same wording and default. */
import type { OptionDefinition } from "../command-line/definition.ts";
import { directory, hostAddress, stackName, text } from "../command-line/value-kinds.ts";

export const project = {
  description: "directory with Pulumi.yaml",
  takes: directory,
  default: ".",
} as const satisfies OptionDefinition;

export const json = { description: "print the result as JSON" } as const satisfies OptionDefinition;

export const resolve = {
  description: "connect to a host name at this base URL instead of resolving it by DNS",
  takes: hostAddress,
  many: true,
} as const satisfies OptionDefinition;

export const stack = <const D extends string>(description: D) =>
  ({ description, takes: stackName, required: true }) as const satisfies OptionDefinition;

export const stacks = <const D extends string>(description: D) =>
  ({ description, takes: stackName, required: true, many: true }) as const satisfies OptionDefinition;

/** Who decides and why: recorded, so neither may be blank. */
export const accountable = {
  by: { description: "who decides; recorded", takes: text("name", "state who decides"), required: true },
  reason: {
    description: "why; kept",
    takes: text("text", "state the reason for the decision"),
    required: true,
  },
} as const satisfies Record<string, OptionDefinition>;
