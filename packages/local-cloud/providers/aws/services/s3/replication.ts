/** Replication configurations. */
import type { ReplicationRule } from "@aws-sdk/client-s3";
import { fromSdk, needed, number, object, objects, text, toSdk } from "../../inputs.ts";
import { arns, longest, oneOf } from "../../rules.ts";
import type { CheckFailure } from "../../../provider.ts";
import { unknown, type Properties } from "../../../values.ts";
import { bucketSetting, longestRuleId, statuses } from "./setting.ts";

const spelling = {
  names: { id: "ID", replicaKmsKeyId: "ReplicaKmsKeyID" },
  tagMaps: ["tags"],
};

const replicaClasses = [
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER",
  "DEEP_ARCHIVE",
  "OUTPOSTS",
  "GLACIER_IR",
  "SNOW",
  "EXPRESS_ONEZONE",
];

/** The only value that S3 supports. */
const timeControlMinutes = 15;

export const replication = bucketSetting({
  token: "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
  absent: ["ReplicationConfigurationNotFoundError"],
  problems: (inputs) => {
    const rules = objects(inputs, "rules");
    return [...arns(inputs, "role"), ...rules.flatMap(ruleProblems), ...samePriorities(rules)];
  },
  put: (client, bucket, inputs) =>
    client.putBucketReplication({
      Bucket: bucket,
      ReplicationConfiguration: {
        Role: needed(inputs, "role"),
        Rules: objects(inputs, "rules").map((rule) => toSdk(rule, spelling) as ReplicationRule),
      },
    }),
  async get(client, bucket) {
    const { ReplicationConfiguration: found } = await client.getBucketReplication({ Bucket: bucket });
    return { role: found?.Role ?? "", rules: fromSdk(found?.Rules ?? [], spelling) };
  },
  remove: (client, bucket) => client.deleteBucketReplication({ Bucket: bucket }),
});

/** A rule with a filter has schema V2, which has more required properties. */
function ruleProblems(rule: Properties, index: number): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const refuse = (property: string, reason: string): void =>
    void failures.push({ property: `rules[${index}].${property}`, reason });
  if (rule.filter !== undefined && rule.prefix !== undefined) refuse("prefix", "conflicts with filter");
  if (rule.filter !== undefined && rule.deleteMarkerReplication === undefined)
    refuse("deleteMarkerReplication", "is required with filter");
  if (rule.filter === undefined && rule.deleteMarkerReplication !== undefined)
    refuse("filter", "is required with deleteMarkerReplication; use {} for all objects");
  timeControlProblems(object(rule, "destination") ?? {}, refuse);
  const encrypted = object(object(rule, "sourceSelectionCriteria"), "sseKmsEncryptedObjects");
  const key = object(object(rule, "destination"), "encryptionConfiguration")?.replicaKmsKeyId;
  if (text(encrypted, "status") === "Enabled" && key === undefined)
    refuse("destination.encryptionConfiguration.replicaKmsKeyId", "is required with sseKmsEncryptedObjects");
  const path = `rules[${index}]`;
  return [
    ...failures,
    ...longest(rule, "id", longestRuleId, path),
    ...oneOf(rule, "status", statuses, path),
    ...arns(object(rule, "destination"), "bucket", `${path}.destination`),
    ...oneOf(object(rule, "destination"), "storageClass", replicaClasses, `${path}.destination`),
  ];
}

function timeControlProblems(destination: Properties, refuse: (property: string, reason: string) => void): void {
  const time = object(destination, "replicationTime");
  const metrics = destination.metrics;
  if (time && text(time, "status") === "Enabled") {
    const minutes = number(object(time, "time"), "minutes");
    if (minutes !== undefined && minutes !== timeControlMinutes)
      refuse("destination.replicationTime.time.minutes", `is ${minutes}, but must be ${timeControlMinutes}`);
    if (metrics === undefined) refuse("destination.metrics", "is required with replicationTime");
    else if (metrics !== unknown && text(object(destination, "metrics"), "status") === "Disabled")
      refuse("destination.metrics.status", "must be Enabled with replicationTime");
  }
  const threshold = number(object(object(destination, "metrics"), "eventThreshold"), "minutes");
  if (threshold !== undefined && threshold !== timeControlMinutes)
    refuse("destination.metrics.eventThreshold.minutes", `is ${threshold}, but must be ${timeControlMinutes}`);
}

function samePriorities(rules: Properties[]): CheckFailure[] {
  const priorities = rules.map((rule) => number(rule, "priority"));
  return priorities.flatMap((priority, index) =>
    priority !== undefined && priorities.indexOf(priority) < index
      ? [{ property: `rules[${index}].priority`, reason: `${priority} is used by another rule` }]
      : [],
  );
}
