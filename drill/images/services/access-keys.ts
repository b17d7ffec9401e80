/** Reads the keys of the database accesses from Secrets Manager with one signed request (Signature Version 4). */
import { createHash, createHmac } from "node:crypto";
import { send } from "./http-client.ts";
import type { Settings } from "./settings.ts";

/** Signing key of each access, by access name. */
type AccessKeys = Record<string, string>;

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

type Signer = Pick<Settings, "awsAccessKeyId" | "awsSecretAccessKey" | "region">;

/** Headers of a signed request to Secrets Manager. */
export function signedHeaders(signer: Signer, host: string, target: string, body: string, now: Date) {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const day = time.slice(0, 8);
  const headers: Record<string, string> = {
    "content-type": "application/x-amz-json-1.1",
    host,
    "x-amz-date": time,
    "x-amz-target": target,
  };
  const names = Object.keys(headers).sort();
  const canonical = names.map((name) => `${name}:${headers[name] ?? ""}\n`).join("");
  const request = ["POST", "/", "", canonical, names.join(";"), sha256(body)].join("\n");
  const scope = `${day}/${signer.region}/secretsmanager/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, scope, sha256(request)].join("\n");
  const key = [signer.region, "secretsmanager", "aws4_request"].reduce<Buffer>(
    (previous, part) => hmac(previous, part),
    hmac(`AWS4${signer.awsSecretAccessKey}`, day),
  );
  const signature = hmac(key, toSign).toString("hex");
  const credential = `${signer.awsAccessKeyId}/${scope}`;
  headers["authorization"] =
    `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return headers;
}

/** Reads the keys once. */
async function readAccessKeys(settings: Settings): Promise<AccessKeys> {
  const id = settings.accessKeysSecretId;
  if (id === undefined) throw new Error("ACCESS_KEYS_SECRET_ID is not set");
  const url = new URL("/", settings.awsEndpoint);
  const body = JSON.stringify({ SecretId: id });
  const headers = signedHeaders(settings, url.host, "secretsmanager.GetSecretValue", body, new Date());
  const answer = await send(url, { method: "POST", headers, body });
  if (answer.status !== 200) {
    throw new Error(
      `secret ${id}: Secrets Manager returned HTTP ${answer.status}: ${answer.body.toString().slice(0, 200)}`,
    );
  }
  const { SecretString } = answer.json() as { SecretString: string };
  const keys = JSON.parse(SecretString) as Record<string, string | { key: string; issuerKey?: string }>;
  return Object.fromEntries(
    Object.entries(keys).map(([name, key]) => [name, typeof key === "string" ? key : (key.issuerKey ?? key.key)]),
  );
}

export interface KeyRing {
  keys(): AccessKeys | undefined;
  failure(): string | undefined;
  stop(): void;
}

const retrySeconds = 1;

/** Reads the keys at the start and retries until it succeeds. */
export function loadAccessKeys(settings: Settings): KeyRing {
  let keys: AccessKeys | undefined;
  let failure: string | undefined = "the access keys have not been read yet";
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const attempt = async (): Promise<void> => {
    try {
      [keys, failure] = [await readAccessKeys(settings), undefined];
    } catch (error) {
      failure = (error as Error).message;
      if (!stopped) timer = setTimeout(() => void attempt(), retrySeconds * 1000);
    }
  };
  void attempt();
  return {
    keys: () => keys,
    failure: () => failure,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
