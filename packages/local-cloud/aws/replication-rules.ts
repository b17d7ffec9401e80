/** Interprets replication configurations as S3 does. */
import type { ReplicationConfiguration, ReplicationRule } from "@aws-sdk/client-s3";

export interface Rule {
  id: string;
  /** The destination's bucket name. */
  destination: string;
  prefix: string;
  /** Tags that an object must have, all of them. */
  tags: Record<string, string>;
  priority: number;
  deleteMarkers: boolean;
  /** Whether metadata changes of a replica are synchronized back to the source. */
  replicaModifications: boolean;
  /** Whether objects encrypted with a KMS key are copied. */
  kmsEncrypted: boolean;
  /** ARN of the key for replicas. */
  replicaKmsKey?: string | undefined;
  /** Storage class of the replicas. @default the source's */
  storageClass?: string | undefined;
  /** Whether replication metrics are published. */
  metrics: boolean;
}

/** The enabled rules, by descending priority. */
export function enabledRules(configuration: ReplicationConfiguration): Rule[] {
  const enabled = (configuration.Rules ?? []).filter(({ Status }) => Status === "Enabled");
  return enabled.map(ruleOf).sort((a, b) => b.priority - a.priority);
}

/** Without a filter, the rule has schema V1, in which delete markers are replicated. */
function ruleOf(rule: ReplicationRule): Rule {
  const filter = rule.Filter?.And ?? rule.Filter;
  const tags = rule.Filter?.And?.Tags ?? (rule.Filter?.Tag ? [rule.Filter.Tag] : []);
  const criteria = rule.SourceSelectionCriteria;
  const { Destination: to } = rule;
  return {
    id: rule.ID ?? "",
    destination: (to?.Bucket ?? "").replace(/^arn:[^:]*:s3:::/, ""),
    prefix: filter?.Prefix ?? rule.Prefix ?? "",
    tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key ?? "", Value ?? ""])),
    priority: rule.Priority ?? 0,
    deleteMarkers: rule.Filter ? rule.DeleteMarkerReplication?.Status === "Enabled" : true,
    replicaModifications: criteria?.ReplicaModifications?.Status === "Enabled",
    kmsEncrypted: criteria?.SseKmsEncryptedObjects?.Status === "Enabled",
    replicaKmsKey: to?.EncryptionConfiguration?.ReplicaKmsKeyID,
    storageClass: to?.StorageClass,
    metrics: to?.Metrics?.Status === "Enabled",
  };
}

export const hasTagFilter = (rule: Rule): boolean => Object.keys(rule.tags).length > 0;

/** The matching rule with the highest priority for each destination. */
export function rulesFor(rules: readonly Rule[], key: string, tags: Record<string, string>): Rule[] {
  const chosen = new Map<string, Rule>();
  for (const rule of rules) {
    const covered =
      key.startsWith(rule.prefix) && Object.entries(rule.tags).every(([name, value]) => tags[name] === value);
    if (covered && !chosen.has(rule.destination)) chosen.set(rule.destination, rule);
  }
  return [...chosen.values()];
}
