/** Secrets, their replicas, and secret versions. */
import type { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { unlessAbsent } from "../absent.ts";
import { secretsManager } from "../clients.ts";
import {
  document,
  flag,
  fromTagList,
  needed,
  number,
  objects,
  tagChanges,
  tagList,
  tagsOf,
  text,
  texts,
} from "../inputs.ts";
import { finish, type ResourceType } from "../resource-type.ts";
import { policies } from "../rules.ts";
import type { CheckFailure } from "../../provider.ts";
import { defined, secret as asSecret, type Properties } from "../../values.ts";

const gone = ["ResourceNotFoundException"];

const recoveryDays = { default: 30, least: 7, most: 30 };

function nameProblems(inputs: Properties): CheckFailure[] {
  const name = text(inputs, "name");
  if (name === undefined || /^[\w/+=.@-]{1,512}$/.test(name)) return [];
  return [{ property: "name", reason: `"${name}" must consist of 1 to 512 letters, digits and /_+=.@-` }];
}

function problems(inputs: Properties): CheckFailure[] {
  const days = number(inputs, "recoveryWindowInDays");
  const wrong = days !== undefined && days !== 0 && (days < recoveryDays.least || days > recoveryDays.most);
  const regions = objects(inputs, "replicas").map((replica) => text(replica, "region"));
  const twice = regions.findIndex((region, index) => region !== undefined && regions.indexOf(region) < index);
  return [
    ...nameProblems(inputs),
    ...policies(inputs, "policy"),
    ...(wrong
      ? [
          {
            property: "recoveryWindowInDays",
            reason: `is ${days}, but must be 0, or ${recoveryDays.least} to ${recoveryDays.most}`,
          },
        ]
      : []),
    ...(twice < 0
      ? []
      : [{ property: `replicas[${twice}].region`, reason: `${regions[twice]} is used by another replica` }]),
  ];
}

/** Adds and removes replicas; the emulator keeps their values in sync. */
async function replicate(client: SecretsManager, id: string, inputs: Properties, before: Properties): Promise<void> {
  const had = new Map(
    objects(before, "replicas").map((replica) => [text(replica, "region") ?? "", text(replica, "kmsKeyId")]),
  );
  const wanted = objects(inputs, "replicas").map((replica) => ({
    Region: needed(replica, "region"),
    KmsKeyId: text(replica, "kmsKeyId"),
  }));
  const dropped = [...had.keys()].filter((region) => !wanted.some(({ Region }) => Region === region));
  const added = wanted.filter(({ Region, KmsKeyId }) => !had.has(Region) || had.get(Region) !== KmsKeyId);
  if (dropped.length > 0) await client.removeRegionsFromReplication({ SecretId: id, RemoveReplicaRegions: dropped });
  if (added.length === 0) return;
  await client.replicateSecretToRegions({
    SecretId: id,
    AddReplicaRegions: added,
    ForceOverwriteReplicaSecret: flag(inputs, "forceOverwriteReplicaSecret") ?? false,
  });
}

/** Default key. */
const ownKey = "alias/aws/secretsmanager";

const secretType: ResourceType = {
  token: "aws:secretsmanager/secret:Secret",
  immutable: ["name", "namePrefix", "type"],
  naming: { property: "name", prefixProperty: "namePrefix", maxLength: 512 },
  defaults: { forceOverwriteReplicaSecret: false, recoveryWindowInDays: recoveryDays.default },
  problems,
  async create(aws, inputs) {
    const client = await aws.client(secretsManager);
    const { ARN: arn = "" } = await client.createSecret({
      Name: needed(inputs, "name"),
      Description: text(inputs, "description") ?? "",
      KmsKeyId: text(inputs, "kmsKeyId"),
      Tags: tagList(tagsOf(inputs)),
    });
    const policy = document(inputs, "policy");
    return finish({ id: arn, outputs: { arn, policy: policy ?? "" } }, async () => {
      if (policy !== undefined) await client.putResourcePolicy({ SecretId: arn, ResourcePolicy: policy });
      await replicate(client, arn, inputs, {});
    });
  },
  async read(aws, id) {
    const client = await aws.client(secretsManager);
    const found = await unlessAbsent(gone, client.describeSecret({ SecretId: id }));
    if (!found || found.DeletedDate) return undefined;
    const { ResourcePolicy } = await client.getResourcePolicy({ SecretId: id });
    const replicas = (found.ReplicationStatus ?? []).map(({ Region = "", KmsKeyId }) =>
      defined({ region: Region, kmsKeyId: KmsKeyId }),
    );
    return defined({
      arn: found.ARN,
      description: found.Description ?? "",
      kmsKeyId: found.KmsKeyId === ownKey ? "" : (found.KmsKeyId ?? ""),
      name: found.Name,
      policy: ResourcePolicy ?? "",
      replicas,
      tagsAll: fromTagList(found.Tags),
    });
  },
  async update(aws, id, inputs, before) {
    const client = await aws.client(secretsManager);
    const differs = ["description", "kmsKeyId"].some((key) => inputs[key] !== before[key]);
    if (differs)
      await client.updateSecret({
        SecretId: id,
        Description: text(inputs, "description") ?? "",
        KmsKeyId: text(inputs, "kmsKeyId") ?? ownKey,
      });
    const policy = document(inputs, "policy") ?? "";
    if (policy !== before.policy)
      await (policy === ""
        ? client.deleteResourcePolicy({ SecretId: id })
        : client.putResourcePolicy({ SecretId: id, ResourcePolicy: policy }));
    await replicate(client, id, inputs, before);
    const { set, remove } = tagChanges(tagsOf(before), tagsOf(inputs));
    if (remove.length > 0) await client.untagResource({ SecretId: id, TagKeys: remove });
    if (Object.keys(set).length > 0) await client.tagResource({ SecretId: id, Tags: tagList(set) });
    return { policy };
  },
  async delete(aws, id, state) {
    const client = await aws.client(secretsManager);
    const found = await unlessAbsent(gone, client.describeSecret({ SecretId: id }));
    if (!found || found.DeletedDate) return; // scheduling a deletion twice is an error
    const days = number(state, "recoveryWindowInDays") ?? recoveryDays.default;
    const how = days === 0 ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays: days };
    await unlessAbsent(gone, client.deleteSecret({ SecretId: id, ...how }));
  },
};

const content = (inputs: Properties) => {
  const binary = text(inputs, "secretBinary");
  if (binary !== undefined) return { SecretBinary: Buffer.from(binary, "base64") };
  return { SecretString: text(inputs, "secretString") ?? needed(inputs, "secretStringWo") };
};

const secretVersion: ResourceType = {
  token: "aws:secretsmanager/secretVersion:SecretVersion",
  immutable: ["secretId", "secretString", "secretBinary"],
  defaults: { hasSecretStringWo: false },
  problems: (inputs) => {
    const given = ["secretString", "secretBinary", "secretStringWo"].filter((key) => inputs[key] !== undefined);
    if (given.length === 1) return [];
    return [
      { property: "secretString", reason: "exactly one of secretString, secretBinary and secretStringWo is required" },
    ];
  },
  async create(aws, inputs) {
    const stages = texts(inputs, "versionStages");
    const made = await (
      await aws.client(secretsManager)
    ).putSecretValue({
      SecretId: needed(inputs, "secretId"),
      ...content(inputs),
      VersionStages: stages.length > 0 ? stages : undefined,
    });
    const [arn, versionId] = [made.ARN ?? "", made.VersionId ?? ""];
    return {
      id: `${arn}|${versionId}`,
      outputs: { arn, secretArn: arn, versionId, versionStages: made.VersionStages ?? [] },
    };
  },
  async read(aws, id) {
    const [SecretId, VersionId] = id.split("|");
    const client = await aws.client(secretsManager);
    const found = await unlessAbsent(
      [...gone, "InvalidRequestException"],
      client.getSecretValue({ SecretId, VersionId }),
    );
    if (!found) return undefined;
    const { SecretString, SecretBinary, ARN: arn = "" } = found;
    return defined({
      arn,
      secretArn: arn,
      versionId: VersionId ?? "",
      versionStages: found.VersionStages ?? [],
      secretString: SecretString === undefined ? undefined : asSecret(SecretString),
      secretBinary: SecretBinary && asSecret(Buffer.from(SecretBinary).toString("base64")),
    });
  },
  async update(aws, id, inputs, before) {
    const client = await aws.client(secretsManager);
    const [SecretId, VersionId] = id.split("|");
    const [wanted, had] = [texts(inputs, "versionStages"), texts(before, "versionStages")];
    for (const VersionStage of wanted.filter((stage) => !had.includes(stage)))
      await client.updateSecretVersionStage({ SecretId, VersionStage, MoveToVersionId: VersionId });
  },
  /** The current value cannot be removed; it is deleted with its secret. */
  async delete(aws, id, state) {
    const client = await aws.client(secretsManager);
    const [SecretId, RemoveFromVersionId] = id.split("|");
    for (const VersionStage of texts(state, "versionStages").filter((stage) => !stage.startsWith("AWS")))
      await unlessAbsent(gone, client.updateSecretVersionStage({ SecretId, VersionStage, RemoveFromVersionId }));
  },
};

export const secretTypes: ResourceType[] = [secretType, secretVersion];
