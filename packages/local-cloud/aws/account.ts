/** What a program expects to find in its account: zones that were delegated, clusters that somebody else made. */
import { EKS } from "@aws-sdk/client-eks";
import { IAM } from "@aws-sdk/client-iam";
import { Route53 } from "@aws-sdk/client-route-53";
import type { LocalAws } from "./types.ts";

export interface Existing {
  /** Names of public hosted zones. */
  zones?: readonly string[];
  /** EKS clusters, of which the emulator has the control plane's record only. */
  clusters?: readonly { region: string; name: string }[];
}

const clusterRole = "existing-clusters";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "eks.amazonaws.com" } }],
});

/** Creates what exists before the program runs. */
export async function prepareAccount(aws: LocalAws, { zones = [], clusters = [] }: Existing): Promise<void> {
  const { credentials, globalEndpoint } = aws;
  const global = { region: "us-east-1", endpoint: globalEndpoint, credentials };
  const [route53, iam] = [new Route53(global), new IAM(global)];
  const clients: { destroy(): void }[] = [route53, iam];
  try {
    await Promise.all(zones.map((Name) => route53.createHostedZone({ Name, CallerReference: Name })));
    if (clusters.length === 0) return;
    const { Role } = await iam.createRole({ RoleName: clusterRole, AssumeRolePolicyDocument: trust });
    await Promise.all(
      clusters.map(async ({ region, name }) => {
        const eks = new EKS({ region, endpoint: aws.endpoint(region), credentials });
        clients.push(eks);
        await eks.createCluster({ name, roleArn: Role?.Arn, resourcesVpcConfig: { subnetIds: [] } });
      }),
    );
  } finally {
    for (const client of clients) client.destroy();
  }
}
