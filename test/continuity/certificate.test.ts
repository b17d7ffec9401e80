import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:tls";
import { expect } from "chai";
import { certificateProblems } from "../../continuity/certificate.ts";
import { siteEndpoint } from "../../contract/index.ts";
import { cert, key } from "../support/tls-certificate.ts";

describe("the certificate of a site", () => {
  let server: Server;
  let url: string;
  const asked: string[] = [];

  before(async () => {
    const SNICallback = (name: string, done: (error: null) => void): void => {
      asked.push(name);
      done(null);
    };
    server = createServer({ cert, key, SNICallback }, (socket) => socket.on("error", () => socket.destroy()));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => asked.splice(0));
  after(() => server.close());

  const problems = (siteHostname: string, publicHostname: string, at = url): Promise<string[]> =>
    certificateProblems({
      siteHostname,
      publicHostname,
      endpoint: siteEndpoint("arn"),
      resolve: { [siteHostname]: at },
      timeoutSeconds: 2,
    });

  it("must cover the site's name and the public one, each asked of the site", async () => {
    expect(await problems("alternate.api.shop.example", "api.shop.example")).to.deep.equal([]);
    expect(asked).to.have.members(["alternate.api.shop.example", "api.shop.example"]);
  });

  it("is reported if users would be refused after a failover", async () => {
    const [line, ...others] = await problems("alternate.api.shop.example", "www.api.shop.example");
    expect(others).to.deep.equal([]);
    expect(line).to.match(
      /^the certificate of alternate.api.shop.example does not cover www.api.shop.example \(.+\); set/,
    );
  });

  it("is reported for each name that it does not cover", async () => {
    expect(await problems("primary.api.shop.example", "www.api.shop.example")).to.have.length(2);
  });

  it("does not exist without TLS", async () => {
    expect(await problems("a.example", "b.example", "http://127.0.0.1:9")).to.deep.equal([]);
    const plain = { siteHostname: "a.example", publicHostname: "b.example", endpoint: siteEndpoint(undefined) };
    expect(await certificateProblems(plain)).to.deep.equal([]);
  });

  it("of a site that does not answer is not judged", async () => {
    expect(await problems("a.example", "b.example", "https://127.0.0.1:9")).to.deep.equal([]);
  });
});
