import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { withOffset } from "../../../local/images/low-ports.ts";

describe("ports of Services on machines that keep the low ones", () => {
  it("moves the low ports of Services, by name or address", () => {
    for (const host of ["authentication", "web.default.svc", "web.default.svc.cluster.local", "127.33.0.7"]) {
      expect(withOffset(8000, { host, port: 80 })).to.deep.equal({ host, port: 8080 });
    }
    expect(withOffset(8000, { host: "web", port: "80" })).to.deep.equal({ host: "web", port: 8080 });
  });

  it("leaves all others alone", () => {
    const others = [
      { host: "surrealdb", port: 8000 },
      { host: "127.0.0.1", port: 80 },
      { host: "localhost", port: 80 },
      { host: "api.vapora.example", port: 443 },
      { path: "/run/socket" },
      { port: 80 },
    ];
    for (const options of others) expect(withOffset(8000, options)).to.equal(options);
  });

  it("holds for fetch and for node:http in a program that preloads it", async () => {
    const server = createServer((_, response) => response.end("found")).listen(0, "127.77.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const program = `
      import { get } from "node:http";
      console.log(await (await fetch("http://127.77.0.1/")).text());
      get("http://127.77.0.1:80/", (r) => r.on("data", (text) => console.log(String(text))));`;

    const preload = join(import.meta.dirname, "../../../local/images/bind.ts");
    const output = await new Promise<string>((resolve, reject) => {
      const env = { ...process.env, LOCAL_LOW_PORT_OFFSET: String(port - 80) };
      const args = ["--import", "tsx", "--import", preload, "--input-type=module", "-e", program];
      execFile(process.execPath, args, { env }, (error, out) => (error ? reject(error) : resolve(out)));
    });
    server.close();
    expect(output).to.equal("found\nfound\n");
  });
});
