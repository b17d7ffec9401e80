/** Schemas of resource types, from the installed `@pulumi/aws` package. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheRoot } from "../../../tools/index.ts";
import { sdkVersion } from "../../sdk-version.ts";
import type { Digest } from "./digest.ts";

export type { Digest } from "./digest.ts";
export { inputProblems } from "./validate.ts";

export interface SdkTypes {
  /** Version of the SDK package. */
  readonly version: string;
  /** Undefined if the SDK has no such type. */
  digest(token: string): Promise<Digest | undefined>;
}

/** Reads digests from the cache; otherwise parses the SDK's declarations and caches the result. */
export function sdkTypes(): SdkTypes {
  const manifest = createRequire(import.meta.url).resolve("@pulumi/aws/package.json");
  const version = sdkVersion("aws");
  const cache = join(cacheRoot(), "aws-types", `${version}-${readerHash()}`);
  const known = new Map<string, Promise<Digest | undefined>>();
  const digest = async (token: string): Promise<Digest | undefined> => {
    const path = join(cache, `${token.replaceAll(/[^\w.-]/g, "_")}.json`);
    const cached = readCached(path, token);
    if (cached) return cached;
    const { readDigest } = await import("./read.ts");
    const found = readDigest(dirname(manifest), token);
    if (found) writeCached(path, found);
    return found;
  };
  return {
    version,
    digest(token) {
      const promise = known.get(token) ?? digest(token);
      known.set(token, promise);
      return promise;
    },
  };
}

/** Part of the cache key, so that a changed parser invalidates the cache. */
function readerHash(): string {
  const sources = ["read.ts", "digest.ts"].map((file) => readFileSync(fileURLToPath(new URL(file, import.meta.url))));
  return sources
    .reduce((hash, source) => hash.update(source), createHash("sha256"))
    .digest("hex")
    .slice(0, 12);
}

/** Unreadable entries count as missing, since they can be derived again. */
function readCached(path: string, token: string): Digest | undefined {
  try {
    const digest = JSON.parse(readFileSync(path, "utf8")) as Digest;
    return digest.token === token ? digest : undefined;
  } catch {
    return undefined;
  }
}

/** Atomic; failures are ignored, since the next run can parse again. */
function writeCached(path: string, digest: Digest): void {
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, JSON.stringify(digest));
    renameSync(draft, path);
  } catch {
    return;
  }
}
