import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { publish } from "../../../jobs/metrics.ts";
import { S3PointStore } from "../../../jobs/points/s3-store.ts";
import { readAccessKeys } from "../../../jobs/secrets.ts";

const settings = {
  AWS_REGION: "eu-west-1",
  AWS_TIMEOUT_SECONDS: 0.4,
  APPLICATION: "test",
  ACCESS_KEYS_SECRET_ID: "keys",
};

describe("an AWS call whose response stalls", () => {
  const environment = { ...process.env };
  const signal = new AbortController().signal;
  let server: Server;
  let headers: boolean;

  beforeEach(async () => {
    server = createServer((request, response) => {
      request.resume();
      if (!headers) return;
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      response.write("{");
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const AWS_ENDPOINT_URL = `http://127.0.0.1:${port}`;
    Object.assign(process.env, { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" });
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
  });

  async function endsInTime(work: () => Promise<unknown>): Promise<void> {
    const startedAt = performance.now();
    const error = await work().catch((reason: unknown) => reason);
    expect(String(error)).to.contain("timed out after 0.4 s");
    expect(performance.now() - startedAt).to.be.below(3000);
  }

  for (const withHeaders of [true, false]) {
    const after = withHeaders ? "after the headers" : "before the headers";

    it(`times out ${after}: reading a small object or an object's metadata, listing, reading a secret, publishing`, async () => {
      headers = withHeaders;
      const store = new S3PointStore({ bucket: "b", region: "eu-west-1", timeoutSeconds: 0.4, signal });
      let said = "";
      const context = { signal, log: (line: string) => void (said += line) };
      await Promise.all([
        endsInTime(() => store.text("control/writer.json")),
        endsInTime(() => store.keys("full/")),
        endsInTime(() => store.facts("full/x")),
        endsInTime(() => readAccessKeys(settings, signal)),
        endsInTime(async () => {
          await publish(settings, "m", 1, "Count", context);
          throw new Error(said);
        }),
      ]);
      await store.close();
    });
  }
});
