import { expect } from "chai";
import type { AccessKeys } from "../../../jobs/database/accesses.ts";
import type { Database } from "../../../jobs/database/client.ts";
import { withAccessKeys } from "../../../jobs/export/access-keys.ts";
import { exportFull } from "../../../jobs/export/full.ts";
import { JobFailure, skipped, succeeded, type Result } from "../../../jobs/result.ts";
import { stopExporters, makeExporter } from "../support/exporter.ts";
import { freshDatabase } from "../support/engine.ts";
import { fill } from "../support/vapora.ts";

const key = (text: string): AccessKeys => ({ key: text, issuerKey: text });
const done = succeeded({ slot: "20261123T100000Z" });

describe("an export of a database whose accesses sign tokens", () => {
  let database: Database;
  let lines: string[];
  before(async () => {
    database = await freshDatabase();
    await fill(database, 1);
    await database.query(`DEFINE ACCESS partner ON DATABASE TYPE JWT ALGORITHM HS256 KEY 'secret';
      DEFINE ACCESS web ON DATABASE TYPE JWT URL 'https://keys.example/set';`);
  });
  after(stopExporters);

  async function check(
    keys: () => Promise<Record<string, AccessKeys>>,
    result: Result = done,
    changed: NodeJS.ProcessEnv = { ACCESS_KEYS_SECRET_ID: "keys" },
  ): Promise<Result | JobFailure> {
    const exporter = makeExporter(database, changed);
    lines = exporter.lines;
    const { source, settings, context } = exporter;
    return withAccessKeys(source, result, settings, context, keys).catch((error: JobFailure) => error);
  }
  const failing = (name: string, httpStatusCode?: number) => async () => {
    throw Object.assign(new Error(`${name} it was`), { name, $metadata: { httpStatusCode } });
  };

  it("succeeds if each has a key; an access with a key server needs none", async () => {
    expect(await check(async () => ({ account: key("a"), partner: key("b") }))).to.equal(done);
  });

  it("fails if a key is missing, with access and remedy, and still reports the recovery point", async () => {
    const failure = await check(async () => ({ account: key("a") }));
    expect(failure).to.be.instanceOf(JobFailure);
    expect(String(failure))
      .to.contain("access partner has no key in the secret store")
      .and.not.contain("access account");
    expect(String(failure)).to.contain("set accessNames of the shared stack to all of account, partner");
    expect((failure as JobFailure).details).to.deep.include({ slot: "20261123T100000Z" });
  });

  it("fails again if its Job is repeated and finds the recovery point exported", async () => {
    expect(await check(async () => ({}), skipped("recovery point exists already"))).to.be.instanceOf(JobFailure);
  });

  it("fails if the secret is missing or malformed, but not if the secret store is unreachable", async () => {
    expect(String(await check(failing("ResourceNotFoundException", 400)))).to.contain("cannot be read");
    expect(String(await check(async () => JSON.parse("{") as never))).to.contain("cannot be read");
    for (const [name, status] of [
      ["ThrottlingException", 400],
      ["InternalServiceError", 500],
      ["TimeoutError", undefined],
    ] as const) {
      // prettier-ignore
      expect(await check(failing(name, status)), name).to.equal(done);
      expect(lines.join(), name).to.contain("could not check").and.contain(`${name} it was`);
    }
  });

  it("is not checked without a configured secret", async () => {
    expect(await check(failing("nobody asks"), done, {})).to.equal(done);
  });

  it("lists the accesses that need a key in its manifest", async () => {
    const { source, settings, context, store } = makeExporter(database);
    await exportFull(source, "20261123T100000Z", settings, context);
    const manifest = await store.manifest("full", "20261123T100000Z");
    expect(manifest).to.have.property("accesses").with.members(["account", "partner", "web"]);
    expect(manifest).to.have.property("keyedAccesses").with.members(["account", "partner"]);
  });
});
