import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { expect } from "chai";
import { askSite } from "../../continuity/site-http.ts";
import { siteEndpoint } from "../../contract/index.ts";

const listening = (server: { listen(port: number, host: string, done: () => void): unknown; address(): unknown }) =>
  new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
  );

describe("a request to a site", () => {
  let server: Server;
  let port: number;
  const asked: string[] = [];

  before(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} of ${request.headers.host}`);
      response.writeHead(200, { "content-type": "application/json" }).end('{"site":"primary"}');
    });
    port = await listening(server);
  });
  beforeEach(() => asked.splice(0));
  after(() => server.close());

  it("is plain HTTP without a certificate", async () => {
    const endpoint = { ...siteEndpoint(undefined), port };
    const { status, body } = await askSite({ hostname: "localhost", endpoint, path: "/v1/status" });
    expect([status, body]).to.deep.equal([200, { site: "primary" }]);
  });

  it("goes to the address in --resolve, with the original host name", async () => {
    const hostname = "api.vapora.example";
    const resolve = { [hostname]: `http://127.0.0.1:${port}` };
    await askSite({ hostname, endpoint: siteEndpoint("arn"), path: "/v1/status", resolve });
    expect(asked).to.deep.equal(["GET /v1/status of api.vapora.example"]);
  });

  it("sends the host name in its TLS handshake, whatever --resolve", async () => {
    const named: string[] = [];
    const tls = createTlsServer({ SNICallback: (name, done) => (named.push(name), done(new Error("no certificate"))) });
    const tlsPort = await listening(tls);
    const hostname = "api.vapora.example";
    const resolve = { [hostname]: `https://127.0.0.1:${tlsPort}` };
    const error = await askSite({ hostname, endpoint: siteEndpoint("arn"), path: "/", resolve }).catch((e: Error) => e);
    expect(error).to.be.instanceOf(Error);
    expect(named).to.deep.equal([hostname]);
    tls.close();
  });

  it("uses TLS with a certificate", async () => {
    const endpoint = { ...siteEndpoint("arn"), port };
    const error = await askSite({ hostname: "localhost", endpoint, path: "/v1/status" }).catch((e: Error) => e);
    expect(String(error)).to.match(/SSL|TLS|EPROTO/i);
    expect(asked).to.deep.equal([]);
  });
});
