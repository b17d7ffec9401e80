/** Downloads the official Pulumi release, where it can be reached. */
import { createWriteStream, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { run } from "./command.ts";
import type { Progress } from "./types.ts";

const releases = "https://get.pulumi.com/releases/sdk";
/** A machine without that access must not wait for it. */
const answerWithinMilliseconds = 4_000;
const downloadWithinMilliseconds = 600_000;

/** Fills `binDir` with the release; false if that could not be had. */
export async function downloadPulumi(
  version: string,
  binDir: string,
  progress: Progress,
  base = releases,
): Promise<boolean> {
  const archive = `${binDir}.tar.gz`;
  try {
    const body = await answer(`${base}/pulumi-${version}-${process.platform}-${process.arch}.tar.gz`);
    if (!body) return false;
    mkdirSync(binDir, { recursive: true });
    const limit = AbortSignal.timeout(downloadWithinMilliseconds);
    await pipeline(Readable.fromWeb(body), createWriteStream(archive), { signal: limit });
    await run("tar", ["-xzf", archive, "--strip-components=1", "-C", binDir], { limitSeconds: 120 });
    return true;
  } catch (error) {
    progress(`the download of Pulumi failed, so it will be built (${(error as Error).message.split("\n")[0]})`);
    rmSync(join(binDir), { recursive: true, force: true });
    return false;
  } finally {
    rmSync(archive, { force: true });
  }
}

/** The body of a successful answer that begins in time. */
async function answer(url: string): Promise<NonNullable<Response["body"]> | undefined> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), answerWithinMilliseconds);
  try {
    const response = await fetch(url, { signal: late.signal });
    if (response.ok && response.body) return response.body;
    await response.body?.cancel();
    return undefined;
  } catch {
    return undefined; // no name, no route, no answer
  } finally {
    clearTimeout(timer);
  }
}
