/** The credential of the traffic probe, from the secret store. */
import type { SecretsManagerClientConfig } from "@aws-sdk/client-secrets-manager";
import { regionOf, type TrafficProbe } from "../contract/index.ts";
import type { StackSettings } from "./stacks.ts";

/** Header names with their values. */
export type ProbeHeaders = Readonly<Record<string, string>>;

const readSeconds = 5;

/**
 * Headers of the probe: none without a credential. Reads the replica of the secret in the site's own region, so that a
 * failover needs nothing of the lost one.
 */
export async function probeHeaders(
  { credential }: TrafficProbe,
  { topology, site }: Pick<StackSettings, "topology" | "site">,
  aws: Pick<SecretsManagerClientConfig, "endpoint" | "credentials"> = {},
): Promise<ProbeHeaders> {
  if (credential === undefined) return {};
  const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  const client = new SecretsManagerClient({ region: regionOf(topology, site), maxAttempts: 2, ...aws });
  try {
    const command = new GetSecretValueCommand({ SecretId: credential.secret });
    const { SecretString } = await client.send(command, { abortSignal: AbortSignal.timeout(readSeconds * 1000) });
    if (!SecretString) throw new Error("it has no text");
    return { [credential.header]: SecretString };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot read the probe's credential from the secret ${credential.secret}: ${reason}`, {
      cause: error,
    });
  } finally {
    client.destroy();
  }
}
