/** AWS types that the local provider keeps as records. */
import type { Properties } from "../../../providers/values.ts";
import type { ResourceCase } from "../contract/resource-contract.ts";

const recordCase = (
  token: string,
  inputs: Properties,
  changes: { changed: Properties; replaced: Properties },
  more: Partial<ResourceCase<undefined>> = {},
): ResourceCase<undefined> => ({
  type: `aws:${token}`,
  computed: ["arn"],
  inputs: () => inputs,
  changed: () => ({ ...inputs, ...changes.changed }),
  replaced: () => ({ ...inputs, ...changes.replaced }),
  staysReadable: true,
  notImportable: true,
  ...more,
});

export const recordCases: ResourceCase<undefined>[] = [
  recordCase(
    "cloudwatch/logGroup:LogGroup",
    { name: "/shop", retentionInDays: 30 },
    { changed: { retentionInDays: 60 }, replaced: { name: "/other" } },
  ),
  recordCase(
    "ecr/repository:Repository",
    { name: "shop", imageTagMutability: "IMMUTABLE" },
    { changed: { imageTagMutability: "MUTABLE" }, replaced: { name: "other" } },
  ),
];
