/** Keys of the site's network and cluster, which the stack creates or which exist. */
import { networkRangeProblem } from "../network.ts";
import { parseCidr } from "../cidr.ts";
import { problem, type Problem } from "../problems.ts";
import { list, oneOf, optional, text, withDefault, type Setting } from "./setting.ts";

/** Whether the stack creates something, or uses what somebody else made. */
export type Origin = "existing" | "created";

/** NAT gateways of a network. */
export type NatGateways = "zone" | "single";

const texts = (about: string, rule: string, remedy: string, valid: (entry: string) => boolean) =>
  withDefault(
    list<string>(
      about,
      (written) => written,
      (value, key) =>
        value.flatMap((entry, index) =>
          typeof entry === "string" && valid(entry)
            ? []
            : [problem(`${key}[${index}]`, typeof entry === "string" ? entry : JSON.stringify(entry), rule, remedy)],
        ),
    ),
    [],
  );

const origin = (about: string): Setting<Origin> =>
  withDefault(
    oneOf<Origin>(about, ["existing", "created"], "write created for a new one, or remove the key"),
    "existing",
  );

const principal = /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/.+$/;

export const clusterSettings = {
  network: origin(
    "Network of the site: created, a VPC over three zones; existing, the one of privateSubnetIds or of the existing cluster. Default: existing.",
  ),
  networkRange: withDefault<string>(
    {
      about:
        "IPv4 range of both created networks, prefix 15 to 19; the primary takes its first half, the alternate the second. The same in every stack; changing it replaces the network. Default: 10.64.0.0/15.",
      kind: "text",
      read: (written) => written,
      problems: (value, key) => {
        const rule = networkRangeProblem(value);
        return rule === undefined ? [] : [problem(key, value, rule, "write e.g. 10.64.0.0/15, in every stack")];
      },
    },
    "10.64.0.0/15",
  ),
  natGateways: withDefault(
    oneOf<NatGateways>(
      "NAT gateways of a created network: zone, one per zone; single, one in all, whose zone takes the others' way out with it. Each costs about 35 USD a month (0.045 to 0.052 USD an hour in us-east-1 and eu-central-1, 2026) and as much per GB. Default: zone.",
      ["zone", "single"],
      "write single for a first try, zone for real traffic",
    ),
    "zone",
  ),
  privateSubnetIds: texts(
    "Subnets for a created cluster in an existing network, in two zones or more, with a way to AWS. Default: none.",
    "must be a subnet id",
    "write e.g. subnet-0123456789abcdef0",
    (entry) => /^subnet-[0-9a-f]{8,17}$/.test(entry),
  ),
  cluster: origin(
    "Cluster of the site: created, EKS Auto Mode under clusterName; existing, the one of clusterName or of the kubeconfig. Default: existing.",
  ),
  clusterVersion: optional(
    text(
      "Kubernetes version of a created cluster. Default: the newest that EKS has when it is created.",
      /^1\.\d{2}$/,
      "must be a minor version",
      "write e.g. 1.34",
    ),
  ),
  clusterPublicCidrs: texts(
    "IPv4 ranges that may reach a created cluster's API from the internet. Default: none, only from its network, where Pulumi must run then.",
    "must be an IPv4 range, not all addresses",
    "write e.g. 203.0.113.0/24",
    (entry) => (parseCidr(entry)?.prefix ?? 0) > 0,
  ),
  clusterAdmins: texts(
    "IAM roles or users that administer a created cluster, besides its creator and the break-glass role. Default: none.",
    "must be the ARN of an IAM role or user",
    "write e.g. arn:aws:iam::123456789012:role/operations",
    (entry) => principal.test(entry),
  ),
};

interface Foundation {
  readonly network: Origin;
  readonly cluster: Origin;
  readonly privateSubnetIds: readonly string[];
}

/** Contradictions between network and cluster. */
export function foundationProblems({ network, cluster, privateSubnetIds }: Foundation): Problem[] {
  if (network === "created" && cluster === "existing")
    return [problem("network", network, "serves a created cluster only", "set cluster to created, or remove network")];
  if (network === "created" && privateSubnetIds.length > 0) {
    const rule = "must be empty if the network is created";
    return [problem("privateSubnetIds", privateSubnetIds.join(", "), rule, "remove it, or set network to existing")];
  }
  if (cluster === "created" && network === "existing" && new Set(privateSubnetIds).size < 2) {
    const rule = "must name two subnets or more for a created cluster in an existing network";
    const remedy = "name the private subnets, or set network to created";
    return [problem("privateSubnetIds", privateSubnetIds.join(", ") || undefined, rule, remedy)];
  }
  return [];
}
