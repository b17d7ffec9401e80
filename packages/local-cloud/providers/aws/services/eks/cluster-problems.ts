/** What EKS or the official provider refuses of a cluster. */
import { flag, object, text, texts } from "../../inputs.ts";
import { arns, oneOf } from "../../rules.ts";
import type { CheckFailure } from "../../../provider.ts";
import { hasUnknown, type Properties } from "../../../values.ts";

const logTypes = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

export function clusterProblems(inputs: Properties): CheckFailure[] {
  const name = text(inputs, "name");
  const network = object(inputs, "kubernetesNetworkConfig");
  return [
    ...(name === undefined || /^[0-9A-Za-z][\w-]{0,99}$/.test(name)
      ? []
      : [{ property: "name", reason: `"${name}" must consist of 1 to 100 letters, digits, _ and -` }]),
    ...arns(inputs, "roleArn"),
    ...arns(object(object(inputs, "encryptionConfig"), "provider"), "keyArn", "encryptionConfig.provider"),
    ...oneOf(
      object(inputs, "accessConfig"),
      "authenticationMode",
      ["CONFIG_MAP", "API", "API_AND_CONFIG_MAP"],
      "accessConfig",
    ),
    ...oneOf(network, "ipFamily", ["ipv4", "ipv6"], "kubernetesNetworkConfig"),
    ...oneOf(object(inputs, "upgradePolicy"), "supportType", ["STANDARD", "EXTENDED"], "upgradePolicy"),
    ...texts(inputs, "enabledClusterLogTypes").flatMap((type) =>
      logTypes.includes(type)
        ? []
        : [{ property: "enabledClusterLogTypes", reason: `"${type}" is not one of ${logTypes.join(", ")}` }],
    ),
    ...endpointProblems(object(inputs, "vpcConfig")),
    ...autoModeProblems(inputs),
  ];
}

const endpointProblems = (vpc: Properties | undefined): CheckFailure[] =>
  flag(vpc, "endpointPublicAccess") === false && flag(vpc, "endpointPrivateAccess") !== true
    ? [{ property: "vpcConfig.endpointPrivateAccess", reason: "must be set without a public endpoint" }]
    : [];

/** Auto Mode is on or off as a whole, and brings the add-ons itself. */
function autoModeProblems(inputs: Properties): CheckFailure[] {
  if (["computeConfig", "kubernetesNetworkConfig", "storageConfig"].some((key) => hasUnknown(inputs[key]))) return [];
  const parts: Record<string, boolean> = {
    "computeConfig.enabled": flag(object(inputs, "computeConfig"), "enabled") ?? false,
    "kubernetesNetworkConfig.elasticLoadBalancing.enabled":
      flag(object(object(inputs, "kubernetesNetworkConfig"), "elasticLoadBalancing"), "enabled") ?? false,
    "storageConfig.blockStorage.enabled":
      flag(object(object(inputs, "storageConfig"), "blockStorage"), "enabled") ?? false,
  };
  const on = Object.values(parts).filter(Boolean).length;
  const missing = on === 0 ? [] : Object.keys(parts).filter((key) => !parts[key]);
  const { bootstrapSelfManagedAddons: bootstrap = true } = inputs;
  const addons = on > 0 && bootstrap === true;
  return [
    ...missing.map((property) => ({ property, reason: "must be set with the other parts of EKS Auto Mode" })),
    ...(addons ? [{ property: "bootstrapSelfManagedAddons", reason: "must be false with EKS Auto Mode" }] : []),
  ];
}
