/** A site of releases on this machine, with faults. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sites } from "../../tools/releases.ts";

export const digestOf = (content: Buffer | string): string => createHash("sha256").update(content).digest("hex");

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export class ReleaseSite {
  /** By path; what is not there is answered with 404. */
  readonly files = new Map<string, Buffer | string | Answer>();
  readonly asked: string[] = [];
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (request, response) => {
      const path = request.url ?? "";
      this.asked.push(path);
      const file = this.files.get(path);
      if (file === undefined) response.writeHead(404).end();
      else if (typeof file === "function") file(request, response);
      else response.writeHead(200, { "content-length": Buffer.byteLength(file) }).end(file);
    });
  }

  static async open(): Promise<ReleaseSite> {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    return new ReleaseSite(server);
  }

  get sites(): Sites {
    return { pulumi: `${this.url}/sdk`, github: `${this.url}/github`, kubernetes: `${this.url}/release` };
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** A .tar.gz of a folder with executable files. */
export function archive(folder: string, files: Record<string, Buffer | string>): Buffer {
  const scratch = mkdtempSync(join(tmpdir(), "archive-test-"));
  try {
    mkdirSync(join(scratch, folder));
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(scratch, folder, name), content, { mode: 0o755 });
    execFileSync("tar", ["-czf", "archive.tar.gz", folder], { cwd: scratch });
    return readFileSync(join(scratch, "archive.tar.gz"));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
