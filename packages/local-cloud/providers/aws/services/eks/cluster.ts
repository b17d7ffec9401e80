/** Clusters: the control plane's record. The emulator starts no Kubernetes for it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster, CreateClusterCommandInput, EKS, UpdateClusterConfigCommandInput } from "@aws-sdk/client-eks";
import { unlessAbsent } from "../../absent.ts";
import { eks } from "../../clients.ts";
import { flag, fromSdk, needed, object, tagsOf, text, texts } from "../../inputs.ts";
import { finish, type ResourceType } from "../../resource-type.ts";
import { defined, equal, type Json, type Properties } from "../../../values.ts";
import { clusterProblems } from "./cluster-problems.ts";
import { changeTags } from "./tags.ts";

export const gone = ["ResourceNotFoundException"];

/** Inputs that UpdateClusterConfig changes, one per call, with EKS's name for each. */
const changeable: Record<string, string> = {
  accessConfig: "accessConfig",
  computeConfig: "computeConfig",
  deletionProtection: "deletionProtection",
  enabledClusterLogTypes: "logging",
  kubernetesNetworkConfig: "kubernetesNetworkConfig",
  storageConfig: "storageConfig",
  upgradePolicy: "upgradePolicy",
  vpcConfig: "resourcesVpcConfig",
  zonalShiftConfig: "zonalShiftConfig",
};

/** The three parts of Auto Mode are changed by one call. */
const autoMode = ["computeConfig", "kubernetesNetworkConfig", "storageConfig"];

const logging = (inputs: Properties) => ({
  clusterLogging: [{ types: texts(inputs, "enabledClusterLogTypes"), enabled: true }],
});

function valueOf(inputs: Properties, key: string): unknown {
  if (key === "enabledClusterLogTypes") return logging(inputs);
  return inputs[key] ?? undefined;
}

function wholeCluster(inputs: Properties): CreateClusterCommandInput {
  const encryption = object(inputs, "encryptionConfig");
  const parts = Object.entries(changeable).map(([key, name]) => [name, valueOf(inputs, key)]);
  return {
    name: needed(inputs, "name"),
    roleArn: needed(inputs, "roleArn"),
    version: text(inputs, "version"),
    bootstrapSelfManagedAddons: flag(inputs, "bootstrapSelfManagedAddons"),
    encryptionConfig: encryption && [encryption],
    tags: tagsOf(inputs),
    ...Object.fromEntries(parts),
  } as CreateClusterCommandInput;
}

async function active(client: EKS, name: string): Promise<Cluster> {
  for (;;) {
    const { cluster } = await client.describeCluster({ name });
    if (cluster?.status === "ACTIVE") return cluster;
    if (cluster?.status !== "CREATING") throw new Error(`cluster ${name} is ${cluster?.status}`);
    await sleep(50);
  }
}

const vpcOf = ({ resourcesVpcConfig: vpc }: Cluster): Properties => ({
  clusterSecurityGroupId: vpc?.clusterSecurityGroupId ?? "",
  endpointPrivateAccess: vpc?.endpointPrivateAccess ?? false,
  endpointPublicAccess: vpc?.endpointPublicAccess ?? true,
  publicAccessCidrs: vpc?.publicAccessCidrs ?? [],
  securityGroupIds: vpc?.securityGroupIds ?? [],
  subnetIds: vpc?.subnetIds ?? [],
  vpcId: vpc?.vpcId ?? "",
});

/** Outputs besides the inputs. */
const computed = (found: Cluster): Properties => ({
  arn: found.arn ?? "",
  certificateAuthority: { data: found.certificateAuthority?.data ?? "" },
  createdAt: found.createdAt?.toISOString() ?? "",
  endpoint: found.endpoint ?? "",
  identities: [{ oidcs: [{ issuer: found.identity?.oidc?.issuer ?? "" }] }],
  platformVersion: found.platformVersion ?? "",
  status: found.status ?? "",
  vpcConfig: vpcOf(found),
  version: found.version ?? "",
});

/** Inputs as EKS has them; what only the program can decide stays as it is known. */
function inputsOf(found: Cluster): Properties {
  const logs = (found.logging?.clusterLogging ?? []).flatMap(({ types = [], enabled }) => (enabled ? types : []));
  return defined({
    accessConfig: fromSdk(found.accessConfig),
    computeConfig: fromSdk(found.computeConfig),
    deletionProtection: found.deletionProtection,
    enabledClusterLogTypes: logs,
    encryptionConfig: fromSdk(found.encryptionConfig?.[0]),
    name: found.name ?? "",
    roleArn: found.roleArn ?? "",
    storageConfig: fromSdk(found.storageConfig),
    upgradePolicy: fromSdk(found.upgradePolicy),
    zonalShiftConfig: fromSdk(found.zonalShiftConfig),
    tagsAll: found.tags ?? {},
  } as Record<string, Json | undefined>);
}

export const cluster: ResourceType = {
  token: "aws:eks/cluster:Cluster",
  immutable: ["name", "roleArn", "encryptionConfig", "bootstrapSelfManagedAddons", "outpostConfig"],
  naming: { property: "name", maxLength: 100 },
  defaults: { bootstrapSelfManagedAddons: true },
  problems: clusterProblems,
  async create(aws, inputs) {
    const client = await aws.client(eks);
    const name = needed(inputs, "name");
    await client.createCluster(wholeCluster(inputs));
    const outputs: Properties = { name };
    return finish({ id: name, outputs }, async () => {
      Object.assign(outputs, computed(await active(client, name)));
    });
  },
  async read(aws, id) {
    const { cluster: found } = (await unlessAbsent(gone, (await aws.client(eks)).describeCluster({ name: id }))) ?? {};
    return found && { ...computed(found), ...inputsOf(found) };
  },
  async update(aws, id, inputs, before) {
    const client = await aws.client(eks);
    const differs = (key: string): boolean => !equal(inputs[key] ?? null, before[key] ?? null);
    const changed = Object.keys(changeable).filter(differs);
    const together = changed.some((key) => autoMode.includes(key)) ? [autoMode] : [];
    for (const keys of [...together, ...changed.filter((key) => !autoMode.includes(key)).map((key) => [key])]) {
      const parts = keys.map((key) => [changeable[key], valueOf(inputs, key)]);
      await client.updateClusterConfig({ name: id, ...Object.fromEntries(parts) } as UpdateClusterConfigCommandInput);
    }
    const version = text(inputs, "version");
    if (version !== undefined && version !== before.version) await client.updateClusterVersion({ name: id, version });
    await changeTags(client, needed(before, "arn"), inputs, before);
    return computed(await active(client, id));
  },
  async delete(aws, id) {
    await unlessAbsent(gone, (await aws.client(eks)).deleteCluster({ name: id }));
  },
};
