/** Lifecycle configurations. */
import type { LifecycleRule } from "@aws-sdk/client-s3";
import { fromSdk, number, object, objects, text, toSdk } from "../../inputs.ts";
import { bounds, longest, oneOf } from "../../rules.ts";
import type { CheckFailure } from "../../../provider.ts";
import type { Properties } from "../../../values.ts";
import { bucketSetting, longestRuleId, statuses } from "./setting.ts";

const spelling = { names: { id: "ID" }, tagMaps: ["tags"] };

/** Minimum age for transitions to infrequent-access classes. */
const infrequentAccessMinimumDays = 30;

const transitionClasses = ["STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR"];

const actions = [
  "abortIncompleteMultipartUpload",
  "expiration",
  "noncurrentVersionExpiration",
  "noncurrentVersionTransitions",
  "transitions",
];

export const lifecycle = bucketSetting({
  token: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  absent: ["NoSuchLifecycleConfiguration"],
  defaults: { transitionDefaultMinimumObjectSize: "all_storage_classes_128K" },
  problems: (inputs) => {
    const rules = objects(inputs, "rules");
    return [...rules.flatMap(ruleProblems), ...sameIds(rules)];
  },
  put: (client, bucket, inputs) =>
    client.putBucketLifecycleConfiguration({
      Bucket: bucket,
      LifecycleConfiguration: { Rules: objects(inputs, "rules").map(toRule) },
    }),
  async get(client, bucket) {
    const { Rules = [] } = await client.getBucketLifecycleConfiguration({ Bucket: bucket });
    return { rules: fromSdk(Rules, spelling) };
  },
  remove: (client, bucket) => client.deleteBucketLifecycle({ Bucket: bucket }),
});

/** Without filter or prefix, a rule applies to the whole bucket. */
function toRule(rule: Properties): LifecycleRule {
  const whole = rule.filter === undefined && rule.prefix === undefined ? { Filter: { Prefix: "" } } : {};
  const converted = toSdk(rule, spelling) as LifecycleRule;
  const withDate = <Action extends { Date?: Date | undefined }>(action: Action): Action => ({
    ...action,
    Date: action.Date && new Date(action.Date),
  });
  return {
    ...whole,
    ...converted,
    Expiration: converted.Expiration && withDate(converted.Expiration),
    Transitions: converted.Transitions?.map(withDate),
  };
}

function ruleProblems(rule: Properties, index: number): CheckFailure[] {
  const at = (property: string): string => `rules[${index}].${property}`;
  const failures: CheckFailure[] = [];
  failures.push(...oneOf(rule, "status", statuses, `rules[${index}]`));
  failures.push(...longest(rule, "id", longestRuleId, `rules[${index}]`));
  failures.push(
    ...bounds(object(rule, "expiration"), "days", { least: 1 }, at("expiration")),
    ...bounds(
      object(rule, "noncurrentVersionExpiration"),
      "noncurrentDays",
      { least: 1 },
      at("noncurrentVersionExpiration"),
    ),
  );
  if (actions.every((action) => rule[action] === undefined))
    failures.push({ property: `rules[${index}]`, reason: `has no action; set one of ${actions.join(", ")}` });
  if (rule.filter !== undefined && rule.prefix !== undefined)
    failures.push({ property: at("prefix"), reason: "conflicts with filter" });
  const expiry = number(object(rule, "expiration"), "days");
  const noncurrentExpiry = number(object(rule, "noncurrentVersionExpiration"), "noncurrentDays");
  return [
    ...failures,
    ...transitionProblems(at("transitions"), "days", objects(rule, "transitions"), expiry),
    ...transitionProblems(
      at("noncurrentVersionTransitions"),
      "noncurrentDays",
      objects(rule, "noncurrentVersionTransitions"),
      noncurrentExpiry,
    ),
  ];
}

function transitionProblems(
  path: string,
  key: string,
  transitions: Properties[],
  expiry: number | undefined,
): CheckFailure[] {
  return transitions.flatMap((transition, index) => {
    const days = number(transition, key);
    const known = oneOf(transition, "storageClass", transitionClasses, `${path}[${index}]`);
    if (days === undefined) return known;
    const property = `${path}[${index}].${key}`;
    const soon =
      /^(STANDARD_IA|ONEZONE_IA)$/.test(text(transition, "storageClass") ?? "") && days < infrequentAccessMinimumDays;
    return [
      ...known,
      ...(soon
        ? [
            {
              property,
              reason: `is ${days}, but ${transition.storageClass as string} requires at least ${infrequentAccessMinimumDays} days`,
            },
          ]
        : []),
      ...(expiry !== undefined && expiry <= days
        ? [{ property, reason: `is ${days}, but objects expire after ${expiry} days` }]
        : []),
    ];
  });
}

function sameIds(rules: Properties[]): CheckFailure[] {
  const ids = rules.map((rule) => text(rule, "id"));
  return ids.flatMap((id, index) =>
    id !== undefined && ids.indexOf(id) < index
      ? [{ property: `rules[${index}].id`, reason: `"${id}" is used by another rule` }]
      : [],
  );
}
