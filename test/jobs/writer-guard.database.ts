import { expect } from "chai";
import { databaseNames, type SiteName } from "../../contract/index.ts";
import type { Database } from "../../jobs/database/client.ts";
import { readState, fenceSite, writeState } from "../../jobs/database/state.ts";
import { parseWriter, type Writer } from "../../jobs/points/writer.ts";
import { readSettings, SettingsError } from "../../jobs/settings.ts";
import { resumeWriter } from "../../jobs/resume-writer.ts";
import type { Reading } from "../../jobs/read-record.ts";
import { findSuccessor, guardOnce } from "../../jobs/writer-guard.ts";
import { freshDatabase, stopEngine } from "./support/engine.ts";

const since = "2026-01-15T10:00:00.000Z";
const record = (site: SiteName, epoch: number): Writer => ({ site, epoch, since });
const read = (writer: Writer | undefined, bucket = "own"): Reading => ({ bucket, writer });
const silent: Reading = { bucket: "other", unreachable: "no response within 5 s" };
const refused: Reading = { bucket: "other", refused: "not JSON" };

describe("the successor of a primary in epoch 3", () => {
  for (const [what, readings, expected] of [
    ["no record at all", [read(undefined), read(undefined, "other")], undefined],
    ["its own record", [read(record("primary", 3)), read(record("primary", 3), "other")], undefined],
    ["its own record in a newer epoch", [read(record("primary", 4)), read(undefined, "other")], undefined],
    ["another site in an older epoch", [read(record("alternate", 2)), read(undefined, "other")], undefined],
    ["another site in its own epoch", [read(record("alternate", 3)), read(undefined, "other")], undefined],
    ["another site in a newer epoch, in its own bucket", [read(record("alternate", 4)), read(undefined, "other")], 4],
    [
      "another site in a newer epoch, in the other bucket",
      [read(record("primary", 3)), read(record("alternate", 4), "other")],
      4,
    ],
    [
      "another site's newer record, superseded by its own",
      [read(record("primary", 5)), read(record("alternate", 4), "other")],
      undefined,
    ],
    ["the newer of two", [read(record("alternate", 4)), read(record("alternate", 6), "other")], 6],
    ["an unreachable bucket", [read(record("primary", 3)), silent], undefined],
    ["both buckets unreachable", [{ ...silent, bucket: "own" }, silent], undefined],
    ["a newer record and an unreachable bucket", [read(record("alternate", 4)), silent], 4],
    ["a record that is refused", [read(undefined), refused], undefined],
    ["a newer record and an invalid one", [read(record("alternate", 4)), refused], 4],
  ] as const) {
    it(`${expected === undefined ? "is nobody" : `is named`} with ${what}`, () =>
      expect(findSuccessor("primary", 3, readings)?.writer.epoch).to.equal(expected));
  }
});

/** A bucket whose record is the given text, parsed as strictly as the real one. */
const bucket = (text: string | undefined | Error, name = "own") => ({
  bucket: name,
  writer: async () => {
    if (text instanceof Error) throw text;
    return text === undefined ? undefined : parseWriter(text, name);
  },
});

describe("the writer guard", () => {
  let server: Database;
  before(async () => {
    server = await freshDatabase();
    await server.other("").query(`DEFINE DATABASE IF NOT EXISTS ${databaseNames.continuityDatabase}`);
  });
  after(stopEngine);
  beforeEach(() => writeState(server, { database: "main", ready: true, reason: "first", epoch: 3 }));

  const newer = JSON.stringify(record("alternate", 4));
  const empty = bucket(undefined);
  const look = (...stores: ReturnType<typeof bucket>[]) => guardOnce("primary", stores, server);

  it("leaves a site alone that is not superseded", async () => {
    expect(await look(empty, empty)).to.deep.equal({
      stoodDown: false,
      reason: undefined,
      refused: [],
      unreachable: [],
    });
    expect(await readState(server)).to.include({ ready: true, reason: "first" });
  });

  for (const [where, stores] of [
    ["its own", [bucket(newer), empty]],
    ["the other", [empty, bucket(newer, "other")]],
  ] as const) {
    it(`fences the site by a newer record in ${where} bucket`, async () => {
      const { stoodDown } = await look(...stores);
      expect(stoodDown).to.equal(true);
      const state = await readState(server);
      expect(state).to.include({ ready: false, database: "main", epoch: 3 });
      expect(state?.reason).to.match(
        /^site alternate has been the writer since 2026-01-15T10:00:00.000Z \(epoch 4, according to/,
      );
    });
  }

  it("acts once, and never lifts the fence", async () => {
    await look(bucket(newer), empty);
    expect(await look(bucket(newer), empty)).to.include({ stoodDown: false });
    expect(await look(bucket(JSON.stringify(record("primary", 5))), empty)).to.include({ stoodDown: false });
    expect(await readState(server)).to.include({ ready: false });
  });

  for (const [what, text] of [
    ["malformed", "{}"],
    ["not JSON", "<"],
    ["from the future", JSON.stringify({ ...record("alternate", 9), since: "2099-01-01T00:00:00.000Z" })],
  ] as const) {
    it(`ignores a record that is ${what}, but reports it`, async () => {
      const { refused: named, stoodDown } = await look(bucket(text), empty);
      expect([named.length, stoodDown]).to.deep.equal([1, false]);
      expect(await readState(server)).to.include({ ready: true });
    });
  }

  it("continues by the other record if one bucket is unreachable", async () => {
    const { unreachable, stoodDown } = await look(bucket(new Error("cut")), bucket(newer, "other"));
    expect([unreachable, stoodDown]).to.deep.equal([["own is unreachable: cut"], true]);
  });

  it("does not undo a promotion between its check and its action", async () => {
    await writeState(server, { epoch: 5 });
    expect(await fenceSite(server, 3, "late")).to.equal(false);
    expect(await readState(server)).to.include({ ready: true, epoch: 5 });
  });
});

describe("a site fenced by its guard", () => {
  let server: Database;
  before(async () => {
    server = await freshDatabase();
    await server.other("").query(`DEFINE DATABASE IF NOT EXISTS ${databaseNames.continuityDatabase}`);
  });
  after(stopEngine);
  beforeEach(() => writeState(server, { database: "main", ready: true, reason: "first", epoch: 3 }));

  const own = (epoch: number) => bucket(JSON.stringify(record("primary", epoch)));
  const others = (epoch: number) => bucket(JSON.stringify(record("alternate", epoch)), "other");
  const resume = (...stores: ReturnType<typeof bucket>[]): Promise<string> =>
    resumeWriter("primary", stores, server).then(
      ({ outcome }) => outcome,
      (error: Error) => error.message,
    );
  const stop = () => guardOnce("primary", [bucket(undefined), others(4)], server);

  it("serves again if the newest record names it, in that record's epoch and with its own database", async () => {
    await stop();
    expect(await resume(own(5), others(4))).to.equal("succeeded");
    expect(await readState(server)).to.include({ ready: true, database: "main", epoch: 5 });
    expect(await guardOnce("primary", [own(5), others(4)], server)).to.include({ stoodDown: false });
  });

  for (const [what, stores, reason] of [
    ["the newest record names the other site", [own(3), others(4)], /names alternate in epoch 4/],
    ["there is no record", [bucket(undefined), bucket(undefined)], /names nobody/],
    ["a bucket is unreachable", [own(5), bucket(new Error("cut"), "other")], /other is unreachable: cut/],
    ["a record is invalid", [own(5), bucket("{", "other")], /not a valid writer record/],
  ] as const) {
    it(`stays fenced while ${what}`, async () => {
      await stop();
      expect(await resume(...stores)).to.match(reason);
      expect(await readState(server)).to.include({ ready: false });
    });
  }

  it("stays fenced if its database was replaced since", async () => {
    await stop();
    await writeState(server, { database: "g20260115T100000Z" });
    expect(await resume(own(5), own(5))).to.match(/promote it instead/);
  });

  it("is not confused with a standby or a promotion in progress", async () => {
    await stop();
    await writeState(server, { ready: false, reason: "promotion under way", epoch: 4 });
    expect(await resume(own(5), own(5))).to.match(/it was not fenced by its guard/);
  });
});

describe("settings of the writer guard", () => {
  const good = {
    ...{ SITE: "primary", SITE_ROLE: "active", AWS_REGION: "eu-west-1", APPLICATION: "vapora" },
    ...{ DATABASE_URL: "http://surrealdb:8000", DATABASE_NAMESPACE: "vapora" },
    ...{ DATABASE_USERNAME: "root", DATABASE_PASSWORD: "secret" },
    ...{ BUCKET: "a", BUCKET_REGION: "eu-west-1", OTHER_BUCKET: "b", OTHER_BUCKET_REGION: "eu-central-1" },
  };

  it("are rejected if a superseded site could acknowledge writes for too long", () => {
    expect(() => readSettings("writer-guard", good)).not.to.throw();
    expect(() => readSettings("writer-guard", { ...good, GUARD_INTERVAL_SECONDS: "20" })).to.throw(
      SettingsError,
      /GUARD_INTERVAL_SECONDS is "20", but .*at most 15 s/,
    );
  });
});
