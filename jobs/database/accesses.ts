/**
 * Exports contain the literal `[REDACTED]` in place of access keys, and a database imported from one accepts tokens
 * that anyone signs with that literal. The real key of every access is therefore set again before any traffic;
 * otherwise the restore fails.
 */
import { createHmac } from "node:crypto";
import { literal, QueryError, type Database } from "./client.ts";
import { readDefinitions } from "./definitions.ts";
import { send, wholeBody } from "../wire/http.ts";

export const redacted = "[REDACTED]";

/** Keys of one access; they differ only for asymmetric algorithms. */
export interface AccessKeys {
  key: string;
  issuerKey: string;
}

/** Parses the secret's JSON: `{"<access>": "<key>"}` or `{"<access>": {"key", "issuerKey"}}`. */
export function parseAccessKeys(text: string): Record<string, AccessKeys> {
  const content = JSON.parse(text) as Record<string, string | { key?: string; issuerKey?: string }>;
  const entries = Object.entries(content).map(([name, value]) => {
    const key = typeof value === "string" ? value : (value.key ?? "");
    return [name, { key, issuerKey: (typeof value === "string" ? undefined : value.issuerKey) ?? key }];
  });
  return Object.fromEntries(entries) as Record<string, AccessKeys>;
}

/** Names of the accesses that need a key: all except those that verify tokens against a key server. */
export const keyedAccesses = (accesses: Record<string, string>): string[] =>
  Object.entries(accesses).flatMap(([name, statement]) => (needsKey(statement) ? [name] : []));

/** Problems with the keys of the named accesses: missing, empty or redacted. */
export function missingKeys(names: readonly string[], keys: Record<string, AccessKeys>): string[] {
  return names.flatMap((name) => {
    const found = Object.hasOwn(keys, name) ? keys[name] : undefined;
    if (!found) return [`access ${name} has no key in the secret store`];
    const wrong = [found.key, found.issuerKey].some((key) => key === "" || key === redacted);
    return wrong ? [`access ${name} has an empty or redacted key in the secret store`] : [];
  });
}

/** Sets the real key of every access and returns their names. Changes nothing and throws if a key is missing. */
export async function redefineAccesses(database: Database, keys: Record<string, AccessKeys>): Promise<string[]> {
  const { accesses } = await readDefinitions(database);
  const names = keyedAccesses(accesses);
  const missing = missingKeys(names, keys);
  if (missing.length > 0) throw new Error(`access keys cannot be restored: ${missing.join("; ")}`);
  const statements = names.map((name) => withKeys(accesses[name] ?? "", keys[name] as AccessKeys));
  const secrets = names.flatMap((name) => [keys[name]?.key ?? "", keys[name]?.issuerKey ?? ""]);
  const sql = statements.map((statement) => `${statement};`).join("\n");
  if (sql) await database.queryWithSecrets(`define accesses ${names.join(", ")}`, sql, secrets);
  await refuseForgeries(database, accesses);
  return names;
}

const needsKey = (statement: string): boolean => statement.includes(`KEY '${redacted}'`);

export function withKeys(statement: string, { key, issuerKey }: AccessKeys): string {
  const place = `KEY '${redacted}'`;
  return statement
    .replace(/^DEFINE ACCESS /, "DEFINE ACCESS OVERWRITE ")
    .replaceAll(`ISSUER ${place}`, () => `ISSUER KEY ${literal(issuerKey)}`)
    .replaceAll(place, () => `KEY ${literal(key)}`);
}

/** Presents a forged token to every access with a shared key, to prove that the literal is not accepted. */
async function refuseForgeries(database: Database, accesses: Record<string, string>): Promise<void> {
  for (const [name, statement] of Object.entries(accesses)) {
    const bits = / ALGORITHM HS(256|384|512) /.exec(statement)?.[1];
    if (bits && (await isAccepted(database, forge(database, name, bits)))) {
      throw new Error(`access ${name} accepts tokens signed with ${redacted}`);
    }
  }
}

/** Whether the database accepts a token. */
export async function isAccepted(database: Database, token: string): Promise<boolean> {
  const { url, namespace, timeoutSeconds, signal } = database.address;
  const answer = await send({
    url: new URL("/sql", url),
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      accept: "application/json",
      "surreal-ns": namespace,
      "surreal-db": database.name,
    },
    body: "RETURN 1;",
    timeoutSeconds,
    signal,
  });
  const text = (await wholeBody(answer)).toString();
  if (answer.status !== 200 && answer.status !== 401)
    throw new QueryError(
      `token check returned HTTP ${answer.status}: ${text}`,
      answer.status === 429 || answer.status >= 500,
    );
  return answer.status === 200;
}

/**
 * Builds a token for an access.
 * @param key signing key; the redaction literal by default
 */
export function forge(database: Database, access: string, bits: string, key: string = redacted): string {
  const expires = Math.floor(Date.now() / 1000) + 60;
  const claims = { ns: database.address.namespace, db: database.name, ac: access, id: "forged:token", exp: expires };
  const encoded = [{ alg: `HS${bits}`, typ: "JWT" }, claims].map((part) => base64url(JSON.stringify(part))).join(".");
  return `${encoded}.${createHmac(`sha${bits}`, key).update(encoded).digest("base64url")}`;
}

const base64url = (text: string): string => Buffer.from(text).toString("base64url");
