/** Images for the tests of the local cluster: a shell, and a server of a few lines. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const shell = "test.example/tools/shell:1";
export const server = "test.example/server:1";

const serverProgram = `
const { createServer } = require("node:http");
createServer((_, response) => response.end(process.env.HOSTNAME)).listen(8080, process.env.LOCAL_POD_IP);
process.on("SIGTERM", () => process.exit(0));
`;

function write(imagesDir: string, image: string, description: unknown, files: Record<string, string> = {}): void {
  const folder = join(imagesDir, image.replace(/:(?=[^/]*$)/, "/"));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "image.json"), JSON.stringify(description));
}

export function writeShell(imagesDir: string, image = shell): void {
  write(imagesDir, image, {
    Entrypoint: ["/bin/sh", "-c"],
    Cmd: ["exec sleep 300"],
    Env: ["OF_IMAGE=yes", "REGION=image"],
  });
}

/** Node itself is mounted: a container's user may not read where it is installed. */
export function writeServer(imagesDir: string): void {
  write(
    imagesDir,
    server,
    {
      Entrypoint: ["/app/node", "/app/server.cjs"],
      User: 65532,
      Mounts: [{ From: process.execPath, To: "/app/node" }],
    },
    { node: "", "server.cjs": serverProgram },
  );
}
