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

const failover = {
  zoneId: "Z1",
  name: "api.shop.example",
  type: "CNAME",
  ttl: 60,
  records: ["api.primary.shop.example"],
  setIdentifier: "primary",
  failoverRoutingPolicies: [{ type: "PRIMARY" }],
};
const health = { type: "CLOUDWATCH_METRIC", cloudwatchAlarmName: "switch", cloudwatchAlarmRegion: "eu-central-1" };
const association = { clusterName: "c", namespace: "n", serviceAccount: "s", roleArn: "r" };

export const recordCases: ResourceCase<undefined>[] = [
  recordCase(
    "route53/zone:Zone",
    { name: "shop.example" },
    { changed: { comment: "x" }, replaced: { name: "b.example" } },
  ),
  recordCase(
    "route53/record:Record",
    failover,
    { changed: { ttl: 30 }, replaced: { name: "other.shop.example" } },
    {
      computed: ["fqdn"],
      invalid: {
        inputs: () => ({ ...failover, failoverRoutingPolicies: [{ type: "BACKUP" }] }),
        property: "failoverRouting",
      },
    },
  ),
  recordCase("route53/healthCheck:HealthCheck", health, {
    changed: { cloudwatchAlarmName: "other" },
    replaced: { type: "CALCULATED", childHealthchecks: ["a"], childHealthThreshold: 1 },
  }),
  recordCase(
    "eks/podIdentityAssociation:PodIdentityAssociation",
    association,
    { changed: { roleArn: "other" }, replaced: { namespace: "m" } },
    { computed: ["associationArn", "associationId"] },
  ),
  recordCase(
    "ec2/vpc:Vpc",
    { cidrBlock: "10.0.0.0/16" },
    { changed: { tags: { a: "b" } }, replaced: { region: "eu-central-1" } },
  ),
];
