import { S3Client } from "@aws-sdk/client-s3";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { ServerClock } from "../../../jobs/points/clock.ts";
import { objectsIn } from "../../../jobs/points/objects.ts";
import { readWriter } from "../../../jobs/points/writer.ts";

const minutes = 60_000;

describe("the clock of a server", () => {
  const here = Date.parse("2026-11-23T12:00:00.400Z");
  const seen = (date: string | undefined): number => {
    const clock = new ServerClock();
    clock.note(date, here);
    return clock.now(here) - here;
  };

  it("is the local one until the server has responded, and if it sends no date", () => {
    expect(new ServerClock().now(here)).to.equal(here);
    expect(seen(undefined)).to.equal(0);
    expect(seen("soon")).to.equal(0);
  });

  it("is the local one if the difference is within latency", () => {
    expect(seen("Mon, 23 Nov 2026 11:59:57 GMT")).to.equal(0);
    expect(seen("Mon, 23 Nov 2026 12:00:04 GMT")).to.equal(0);
  });

  it("is ahead or behind as the server's date shows", () => {
    expect(seen("Mon, 23 Nov 2026 12:20:00 GMT")).to.be.closeTo(20 * minutes, 1000);
    expect(seen("Mon, 23 Nov 2026 11:58:00 GMT")).to.be.closeTo(-2 * minutes, 1000);
  });
});

describe("the objects of a bucket", () => {
  let server: Server;
  let client: S3Client;
  let stored: string | undefined;
  const ahead = 20 * minutes;
  before(async () => {
    server = createServer((_, response) => {
      const headers = { date: new Date(Date.now() + ahead).toUTCString(), etag: '"e"' };
      if (stored !== undefined) response.writeHead(200, headers).end(stored);
      else response.writeHead(404, headers).end("<Error><Code>NoSuchKey</Code></Error>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    client = new S3Client({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: "eu-west-1",
      forcePathStyle: true,
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
    });
  });
  beforeEach(() => (stored = undefined));
  after(() => {
    client.destroy();
    server.close();
  });

  it("provide the bucket's time, even from the response for a missing key", async () => {
    const objects = objectsIn(client, "points");
    expect(objects.now?.()).to.be.closeTo(Date.now(), 1000);
    expect(await objects.read("control/writer.json")).to.equal(undefined);
    expect(objects.now?.()).to.be.closeTo(Date.now() + ahead, 5000);
  });

  it("accept a record that is current by the bucket's clock, though in the future by the local one", async () => {
    const writer = { site: "alternate", epoch: 2, since: new Date(Date.now() + ahead).toISOString() };
    stored = JSON.stringify(writer);
    expect((await readWriter(objectsIn(client, "points")))?.writer).to.deep.equal(writer);
  });
});
