/** User tokens as accepted by the database access `account`. */
import { createHmac } from "node:crypto";

export const accountAccess = "account";
const lifetimeSeconds = 3600;

export interface TokenSubject {
  namespace: string;
  database: string;
  user: string;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Signs a token (HS512) for a user of one database. */
export function signToken({ namespace, database, user }: TokenSubject, key: string, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000);
  const claims = {
    iss: "vapora",
    iat: seconds,
    nbf: seconds,
    exp: seconds + lifetimeSeconds,
    NS: namespace,
    DB: database,
    AC: accountAccess,
    ID: `${accountAccess}:\`${user.replaceAll(/[\\`]/g, "\\$&")}\``,
  };
  const signed = `${part({ alg: "HS512", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${createHmac("sha512", key).update(signed).digest("base64url")}`;
}

/** Database claimed by a token, unverified; undefined if it is not a token. */
export function claimedDatabase(token: string): string | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { DB?: unknown };
    return typeof claims.DB === "string" ? claims.DB : undefined;
  } catch {
    return undefined;
  }
}
