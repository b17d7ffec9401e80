/** What the AWS SDK that this program uses knows of a resource type, and whether inputs fit it. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheRoot } from "../../../tools/index.ts";
import { sdkVersion } from "../../sdk-version.ts";
import type { Digest } from "./digest.ts";

export type { Digest, ObjectType, Property, Shape } from "./digest.ts";
export { inputProblems } from "./validate.ts";

export interface SdkTypes {
  /** Version of the SDK package. */
  readonly version: string;
  /** `undefined` when the SDK has no such type. */
  digest(token: string): Promise<Digest | undefined>;
}

/** Digests come from the cache where they are there, and go into it where they are not; the parser is loaded only then. */
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

/** A better reader makes what an older one wrote stale. */
function readerHash(): string {
  const sources = ["read.ts", "digest.ts"].map((file) => readFileSync(fileURLToPath(new URL(file, import.meta.url))));
  return sources
    .reduce((hash, source) => hash.update(source), createHash("sha256"))
    .digest("hex")
    .slice(0, 12);
}

/** Anything unreadable counts as not there: it is derived data. */
function readCached(path: string, token: string): Digest | undefined {
  try {
    const digest = JSON.parse(readFileSync(path, "utf8")) as Digest;
    return digest.token === token ? digest : undefined;
  } catch {
    return undefined;
  }
}

/** A reader never sees half a file; without a writable cache the next run parses again. */
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
