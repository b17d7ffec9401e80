/**
 * An export has the literal `[REDACTED]` where the keys of accesses were, and
 * an imported database accepts tokens that anyone signs with that literal.
 * Every access gets its real key back before any traffic, or the restore fails.
 */
import { createHmac } from "node:crypto";
import { literal, QueryError, type Database } from "./client.ts";
import { readDefinitions } from "./definitions.ts";
import { send, wholeBody } from "./http.ts";

export const redacted = "[REDACTED]";

/** Keys of one access; they differ only where signing and checking take different ones. */
export interface AccessKeys {
  key: string;
  issuerKey: string;
}

/** Keys from the secret's JSON: `{"<access>": "<key>"}` or `{"<access>": {"key", "issuerKey"}}`. */
export function parseAccessKeys(text: string): Record<string, AccessKeys> {
  const content = JSON.parse(text) as Record<string, string | { key?: string; issuerKey?: string }>;
  const entries = Object.entries(content).map(([name, value]) => {
    const key = typeof value === "string" ? value : (value.key ?? "");
    return [name, { key, issuerKey: (typeof value === "string" ? undefined : value.issuerKey) ?? key }];
  });
  return Object.fromEntries(entries) as Record<string, AccessKeys>;
}

/** Names of the accesses that need a key: all but those that take tokens of a key server. */
export const keyedAccesses = (accesses: Record<string, string>): string[] =>
  Object.entries(accesses).flatMap(([name, statement]) => (needsKey(statement) ? [name] : []));

/** Those of some accesses that lack a usable key, each with the reason. */
export function missingKeys(names: readonly string[], keys: Record<string, AccessKeys>): string[] {
  return names.flatMap((name) => {
    const found = Object.hasOwn(keys, name) ? keys[name] : undefined;
    if (!found) return [`access ${name} has no key in the secret store`];
    const wrong = [found.key, found.issuerKey].some((key) => key === "" || key === redacted);
    return wrong ? [`access ${name} has an empty or redacted key in the secret store`] : [];
  });
}

/** Gives every access of the database its real key; returns the names. Refuses, and changes nothing, when one is missing. */
export async function redefineAccesses(database: Database, keys: Record<string, AccessKeys>): Promise<string[]> {
  const { accesses } = await readDefinitions(database);
  const names = keyedAccesses(accesses);
  const missing = missingKeys(names, keys);
  if (missing.length > 0) throw new Error(`accesses cannot be re-defined: ${missing.join("; ")}`);
  const statements = names.map((name) => withKeys(accesses[name] ?? "", keys[name] as AccessKeys));
  const secrets = names.flatMap((name) => [keys[name]?.key ?? "", keys[name]?.issuerKey ?? ""]);
  const sql = statements.map((statement) => `${statement};`).join("\n");
  if (sql) await database.queryWithSecrets(`defining accesses ${names.join(", ")}`, sql, secrets);
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

/** Tries a forged token on every access that takes a shared key: the proof that the literal opens nothing. */
async function refuseForgeries(database: Database, accesses: Record<string, string>): Promise<void> {
  for (const [name, statement] of Object.entries(accesses)) {
    const bits = / ALGORITHM HS(256|384|512) /.exec(statement)?.[1];
    if (bits && (await isAccepted(database, forge(database, name, bits)))) {
      throw new Error(`access ${name} accepts tokens signed with ${redacted}`);
    }
  }
}

/** Whether the database takes a token. */
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
      `token check answered ${answer.status}: ${text}`,
      answer.status === 429 || answer.status >= 500,
    );
  return answer.status === 200;
}

/** A token for an access, signed with any key. */
export function forge(database: Database, access: string, bits: string, key: string = redacted): string {
  const expires = Math.floor(Date.now() / 1000) + 60;
  const claims = { ns: database.address.namespace, db: database.name, ac: access, id: "forged:token", exp: expires };
  const encoded = [{ alg: `HS${bits}`, typ: "JWT" }, claims].map((part) => base64url(JSON.stringify(part))).join(".");
  return `${encoded}.${createHmac(`sha${bits}`, key).update(encoded).digest("base64url")}`;
}

const base64url = (text: string): string => Buffer.from(text).toString("base64url");
