/** Images for the local cluster: a web server that also runs once and ends. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const program = `
import { createServer } from "node:http";
if (process.argv.includes("--once")) process.exit(process.env.PASSWORD ? 0 : 1);
const server = createServer((_, response) => response.end(process.env.GREETING));
server.listen(8080, process.env.POD_IP);
process.on("SIGTERM", () => process.exit(0));
`;

/** Writes `test/web` with two tags; every other tag is an image that cannot be pulled. */
export function writeImages(directory: string): void {
  for (const tag of ["1", "2"]) {
    const image = join(directory, "test/web", tag);
    mkdirSync(image, { recursive: true });
    writeFileSync(
      join(image, "image.json"),
      JSON.stringify({ Entrypoint: ["node", "main.mjs"], User: 65532, WorkingDir: "/app" }),
    );
    writeFileSync(join(image, "main.mjs"), program);
  }
}
