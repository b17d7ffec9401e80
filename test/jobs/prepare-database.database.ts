import { setTimeout as sleep } from "node:timers/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { expect } from "chai";
import { startFront, type Front } from "../../drill/images/index.ts";
import { Database } from "../../jobs/database/client.ts";
import { readState, writeState } from "../../jobs/database/state.ts";
import { runPrepareDatabase } from "../../jobs/prepare-database.ts";
import { readSettings } from "../../jobs/settings.ts";

const quiet = { signal: new AbortController().signal, log: () => undefined };

describe("preparing a database", () => {
  const fronts: Front[] = [];
  const serve = async (port = 0) => {
    const front = await startFront({ url: "mem://", pass: "secret", port });
    fronts.push(front);
    return front;
  };
  after(async () => {
    for (const front of fronts) await front.stop();
  });

  const settingsFor = (url: string, changed: NodeJS.ProcessEnv = {}) =>
    readSettings("prepare-database", {
      SITE: "primary",
      SITE_ROLE: "active",
      DATABASE_URL: url,
      DATABASE_NAMESPACE: "vapora",
      DATABASE_USERNAME: "root",
      DATABASE_PASSWORD: "secret",
      SERVICES_USERNAME: "services",
      SERVICES_PASSWORD: "it's \\ odd",
      ...changed,
    });
  const serverOf = (url: string, username = "root", password = "secret") =>
    new Database({ url, namespace: "vapora", username, password, timeoutSeconds: 10 }, "");
  const signsIn = async (url: string, password: string) => {
    const body = JSON.stringify({ ns: "vapora", user: "services", pass: password });
    return (await fetch(`${url}/signin`, { method: "POST", body })).status === 200;
  };

  it("makes an active site's first database ready, but not a standby's", async () => {
    for (const [role, expected] of [
      ["active", { database: "main", ready: true, epoch: 1 }],
      ["standby", { database: "", ready: false, epoch: 0 }],
    ] as const) {
      const { url } = await serve();
      const { details } = await runPrepareDatabase(settingsFor(url, { SITE_ROLE: role }), quiet);
      expect(details).to.include({ created: true, ...expected });
      expect(await readState(serverOf(url))).to.include(expected);
      expect(await signsIn(url, "it's \\ odd")).to.equal(true);
    }
  });

  it("is idempotent except for the services' password", async () => {
    const { url } = await serve();
    await runPrepareDatabase(settingsFor(url), quiet);
    await writeState(serverOf(url), { database: "g20261123T100000Z", ready: false, epoch: 7, reason: "restore" });
    const { details } = await runPrepareDatabase(settingsFor(url, { SERVICES_PASSWORD: "rotated" }), quiet);
    expect(details).to.include({ created: false, epoch: 7 });
    expect(await readState(serverOf(url))).to.include({ database: "g20261123T100000Z", ready: false, epoch: 7 });
    expect(await signsIn(url, "rotated")).to.equal(true);
    expect(await signsIn(url, "it's \\ odd")).to.equal(false);
  });

  it("waits for a server that starts late", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    taken.close();
    await once(taken, "close");
    const preparing = runPrepareDatabase(settingsFor(`http://127.0.0.1:${port}`), quiet);
    await sleep(400);
    await serve(port);
    expect((await preparing).details["attempts"]).to.be.above(1);
  });

  it("does not retry with a wrong password", async () => {
    const { url } = await serve();
    const startedAt = performance.now();
    const wrong = settingsFor(url, { DATABASE_PASSWORD: "wrong" });
    const error = await runPrepareDatabase(wrong, quiet).catch((reason: unknown) => reason);
    expect(String(error)).to.contain("sign-in as root returned HTTP 401");
    expect(performance.now() - startedAt).to.be.below(3000);
  });
});
