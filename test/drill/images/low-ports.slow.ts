import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";

describe("ports of Services on machines with privileged low ports, in a program", () => {
  it("are redirected for fetch and node:http in a program that preloads it", async () => {
    const server = createServer((_, response) => response.end("found")).listen(0, "127.77.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const program = `
      import { get } from "node:http";
      console.log(await (await fetch("http://127.77.0.1/")).text());
      get("http://127.77.0.1:80/", (r) => r.on("data", (text) => console.log(String(text))));`;

    const preload = join(import.meta.dirname, "../../../drill/images/bind.ts");
    const output = await new Promise<string>((resolve, reject) => {
      const env = { ...process.env, LOCAL_LOW_PORT_OFFSET: String(port - 80) };
      const args = ["--import", "tsx", "--import", preload, "--input-type=module", "-e", program];
      execFile(process.execPath, args, { env }, (error, out) => (error ? reject(error) : resolve(out)));
    });
    server.close();
    expect(output).to.equal("found\nfound\n");
  });
});
