/** Keys and replica keys. Deletion is scheduled, as in KMS. */
import type { KeyMetadata, KeySpec, KeyUsageType, KMS, Tag } from "@aws-sdk/client-kms";
import { unlessAbsent } from "../absent.ts";
import type { Aws } from "../access.ts";
import { kms } from "../clients.ts";
import { flag, needed, number, tagChanges, tagsOf, text, type Tags } from "../inputs.ts";
import { finish, type ResourceType } from "../resource-type.ts";
import type { CheckFailure } from "../../provider.ts";
import { arns, bounds, policies } from "../rules.ts";
import { defined, type Properties } from "../../values.ts";

const windowDays = { default: 30, least: 7, most: 30 };
const rotationDays = { least: 90, most: 2560 };

const toTags = (tags: Tags): Tag[] => Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));

function keyProblems(inputs: Properties): CheckFailure[] {
  const rotation = number(inputs, "rotationPeriodInDays");
  return [
    ...bounds(inputs, "deletionWindowInDays", windowDays),
    ...bounds(inputs, "rotationPeriodInDays", rotationDays),
    ...policies(inputs, "policy"),
    ...arns(inputs, "primaryKeyArn"),
    ...(rotation !== undefined && inputs.enableKeyRotation !== true
      ? [{ property: "rotationPeriodInDays", reason: "requires enableKeyRotation" }]
      : []),
  ];
}

/** Common state of keys and replica keys; undefined if the key is gone or its deletion is scheduled. */
async function readKey(client: KMS, id: string): Promise<{ found: KeyMetadata; common: Properties } | undefined> {
  const { KeyMetadata: found } = (await unlessAbsent(["NotFoundException"], client.describeKey({ KeyId: id }))) ?? {};
  if (!found || /^Pending.*Deletion$/.test(found.KeyState ?? "")) return undefined;
  const [{ Policy }, { Tags: tags = [] }] = await Promise.all([
    client.getKeyPolicy({ KeyId: id, PolicyName: "default" }),
    client.listResourceTags({ KeyId: id }),
  ]);
  const common = {
    arn: found.Arn ?? "",
    keyId: found.KeyId ?? "",
    description: found.Description ?? "",
    keyUsage: found.KeyUsage ?? "",
    policy: Policy ?? "",
    tagsAll: Object.fromEntries(tags.map(({ TagKey = "", TagValue = "" }) => [TagKey, TagValue])),
  };
  return { found, common };
}

/** Updates changed properties, each by its own call. */
async function changeKey(client: KMS, id: string, inputs: Properties, before: Properties): Promise<void> {
  const KeyId = id;
  const differs = (key: string): boolean => JSON.stringify(inputs[key]) !== JSON.stringify(before[key]);
  const policy = text(inputs, "policy");
  if (differs("policy") && policy !== undefined)
    await client.putKeyPolicy({ KeyId, PolicyName: "default", Policy: policy });
  if (differs("description"))
    await client.updateKeyDescription({ KeyId, Description: text(inputs, "description") ?? "" });
  const { set, remove } = tagChanges(tagsOf(before), tagsOf(inputs));
  if (Object.keys(set).length > 0) await client.tagResource({ KeyId, Tags: toTags(set) });
  if (remove.length > 0) await client.untagResource({ KeyId, TagKeys: remove });
}

async function enable(client: KMS, KeyId: string, wanted: boolean, had: boolean): Promise<void> {
  if (wanted !== had) await (wanted ? client.enableKey({ KeyId }) : client.disableKey({ KeyId }));
}

async function rotate(client: KMS, KeyId: string, inputs: Properties): Promise<void> {
  const days = number(inputs, "rotationPeriodInDays");
  if (flag(inputs, "enableKeyRotation")) await client.enableKeyRotation({ KeyId, RotationPeriodInDays: days });
  else await client.disableKeyRotation({ KeyId });
}

async function scheduleDeletion(aws: Aws, id: string, state: Properties): Promise<void> {
  const client = await aws.client(kms);
  const PendingWindowInDays = number(state, "deletionWindowInDays") ?? windowDays.default;
  await unlessAbsent(
    ["NotFoundException", "KMSInvalidStateException"],
    client.scheduleKeyDeletion({ KeyId: id, PendingWindowInDays }),
  );
}

const key: ResourceType = {
  token: "aws:kms/key:Key",
  immutable: ["customerMasterKeySpec", "keyUsage", "multiRegion", "customKeyStoreId", "xksKeyId"],
  defaults: {
    bypassPolicyLockoutSafetyCheck: false,
    customerMasterKeySpec: "SYMMETRIC_DEFAULT",
    enableKeyRotation: false,
    isEnabled: true,
    keyUsage: "ENCRYPT_DECRYPT",
    multiRegion: false,
  },
  problems: keyProblems,
  async create(aws, inputs) {
    const client = await aws.client(kms);
    const policy = text(inputs, "policy");
    const { KeyMetadata: made } = await client.createKey({
      Description: text(inputs, "description") ?? "",
      KeySpec: (text(inputs, "customerMasterKeySpec") ?? "SYMMETRIC_DEFAULT") as KeySpec,
      KeyUsage: (text(inputs, "keyUsage") ?? "ENCRYPT_DECRYPT") as KeyUsageType,
      MultiRegion: flag(inputs, "multiRegion") ?? false,
      Policy: policy,
      Tags: toTags(tagsOf(inputs)),
    });
    const id = made?.KeyId ?? "";
    const own =
      text(inputs, "policy") ?? (await client.getKeyPolicy({ KeyId: id, PolicyName: "default" })).Policy ?? "";
    return finish(
      { id, outputs: { arn: made?.Arn ?? "", keyId: id, description: made?.Description ?? "", policy: own } },
      async () => {
        if (flag(inputs, "enableKeyRotation")) await rotate(client, id, inputs);
        if (flag(inputs, "isEnabled") === false) await client.disableKey({ KeyId: id });
      },
    );
  },
  async read(aws, id) {
    const client = await aws.client(kms);
    const state = await readKey(client, id);
    if (!state) return undefined;
    const rotation = await client.getKeyRotationStatus({ KeyId: id });
    const enableKeyRotation = rotation.KeyRotationEnabled ?? false;
    return defined({
      ...state.common,
      customerMasterKeySpec: state.found.KeySpec ?? "",
      enableKeyRotation,
      isEnabled: state.found.Enabled ?? false,
      multiRegion: state.found.MultiRegion ?? false,
      rotationPeriodInDays: enableKeyRotation ? rotation.RotationPeriodInDays : undefined,
    });
  },
  async update(aws, id, inputs, before) {
    const client = await aws.client(kms);
    await changeKey(client, id, inputs, before);
    const [wanted, had] = [flag(inputs, "isEnabled") ?? true, flag(before, "isEnabled") ?? true];
    // The rotation of a disabled key cannot be changed.
    if (wanted) await enable(client, id, wanted, had);
    const rotationBefore = [flag(before, "enableKeyRotation") ?? false, before.rotationPeriodInDays];
    if (String([flag(inputs, "enableKeyRotation") ?? false, inputs.rotationPeriodInDays]) !== String(rotationBefore))
      await rotate(client, id, inputs);
    if (!wanted) await enable(client, id, wanted, had);
  },
  delete: scheduleDeletion,
};

const replicaKey: ResourceType = {
  token: "aws:kms/replicaKey:ReplicaKey",
  immutable: ["primaryKeyArn"],
  defaults: { bypassPolicyLockoutSafetyCheck: false, enabled: true },
  problems: keyProblems,
  async create(aws, inputs) {
    const primary = needed(inputs, "primaryKeyArn");
    const home = primary.split(":")[3] ?? "";
    const policy = text(inputs, "policy");
    // ReplicateKey is called in the region of the primary key.
    const { ReplicaKeyMetadata: made, ReplicaPolicy } = await (
      await aws.client(kms, home)
    ).replicateKey({
      KeyId: primary,
      ReplicaRegion: aws.region,
      Description: text(inputs, "description") ?? "",
      Policy: policy,
      Tags: toTags(tagsOf(inputs)),
    });
    const id = made?.KeyId ?? "";
    const client = await aws.client(kms);
    const outputs = {
      arn: made?.Arn ?? "",
      keyId: id,
      keySpec: made?.KeySpec ?? "",
      keyUsage: made?.KeyUsage ?? "",
      policy: policy ?? ReplicaPolicy ?? "",
    };
    return finish({ id, outputs }, async () => {
      const rotation = await client.getKeyRotationStatus({ KeyId: id });
      Object.assign(outputs, { keyRotationEnabled: rotation.KeyRotationEnabled ?? false });
      if (flag(inputs, "enabled") === false) await client.disableKey({ KeyId: id });
    });
  },
  async read(aws, id) {
    const client = await aws.client(kms);
    const state = await readKey(client, id);
    if (!state) return undefined;
    const rotation = await client.getKeyRotationStatus({ KeyId: id });
    return {
      ...state.common,
      enabled: state.found.Enabled ?? false,
      keyRotationEnabled: rotation.KeyRotationEnabled ?? false,
      keySpec: state.found.KeySpec ?? "",
      primaryKeyArn: state.found.MultiRegionConfiguration?.PrimaryKey?.Arn ?? "",
    };
  },
  async update(aws, id, inputs, before) {
    const client = await aws.client(kms);
    await changeKey(client, id, inputs, before);
    await enable(client, id, flag(inputs, "enabled") ?? true, flag(before, "enabled") ?? true);
  },
  delete: scheduleDeletion,
};

export const kmsTypes: ResourceType[] = [key, replicaKey];
