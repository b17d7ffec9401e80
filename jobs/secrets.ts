/** Reads the keys of database accesses from the secret store of the site's own region. */
import { parseAccessKeys, type AccessKeys } from "./database/accesses.ts";
import { inTime } from "./wire/in-time.ts";

export interface SecretSettings {
  ACCESS_KEYS_SECRET_ID: string;
  AWS_REGION: string;
  AWS_TIMEOUT_SECONDS: number;
}

export async function readAccessKeys(
  settings: SecretSettings,
  signal: AbortSignal,
): Promise<Record<string, AccessKeys>> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  const limit = settings.AWS_TIMEOUT_SECONDS * 1000;
  const requestHandler = { connectionTimeout: limit, requestTimeout: limit, throwOnRequestTimeout: true };
  const client = new SecretsManagerClient({ region: settings.AWS_REGION, maxAttempts: 3, requestHandler });
  try {
    const command = new GetSecretValueCommand({ SecretId: settings.ACCESS_KEYS_SECRET_ID });
    const { SecretString } = await inTime(
      `secret ${settings.ACCESS_KEYS_SECRET_ID}`,
      { seconds: settings.AWS_TIMEOUT_SECONDS, signal },
      (abortSignal) => client.send(command, { abortSignal }),
    );
    if (SecretString === undefined) throw new Error(`secret ${settings.ACCESS_KEYS_SECRET_ID} has no SecretString`);
    return parseAccessKeys(SecretString);
  } finally {
    client.destroy();
  }
}
