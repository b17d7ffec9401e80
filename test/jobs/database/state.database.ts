import { expect } from "chai";
import { databaseNames } from "../../../contract/index.ts";
import { Database } from "../../../jobs/database/client.ts";
import { continuityDatabase, readState, writeState } from "../../../jobs/database/state.ts";
import { freshDatabase, stopEngine } from "../support/engine.ts";

const state = { database: "g20261123T100000Z", ready: true, reason: "promoted", epoch: 7 };
const record = databaseNames.siteStateRecord;

describe("the site's state", () => {
  after(stopEngine);

  it("is undefined before namespace, database, table or record exist", async () => {
    const database = await freshDatabase();
    await database.other("").query(`REMOVE DATABASE IF EXISTS ${databaseNames.continuityDatabase}`);
    const elsewhere = new Database({ ...database.address, namespace: "nowhere" }, "");
    expect(await readState(elsewhere)).to.equal(undefined);
    expect(await readState(database)).to.equal(undefined);
    await database.other("").query(`DEFINE DATABASE IF NOT EXISTS ${databaseNames.continuityDatabase}`);
    expect(await readState(database)).to.equal(undefined);
    await writeState(database, state);
    expect(await readState(database)).to.include(state);
    await continuityDatabase(database).query(`DELETE ${record}`);
    expect(await readState(database)).to.equal(undefined);
  });

  it("is an error, not missing, if the record is malformed or unreadable", async () => {
    const database = await freshDatabase();
    await database.other("").query(`DEFINE DATABASE IF NOT EXISTS ${databaseNames.continuityDatabase}`);
    const continuity = continuityDatabase(database);
    const failure = async () => String(await readState(database).catch((reason: unknown) => reason));
    for (const content of ["{ ready: 'yes' }", "{ database: 'main', ready: true, epoch: 'x' }"]) {
      await continuity.query(`UPSERT ${record} CONTENT ${content}`);
      expect(await failure()).to.contain("malformed");
    }
    const [table = ""] = record.split(":");
    await continuity.query(`DEFINE FIELD reason ON ${table} COMPUTED { THROW 'broken' }`);
    expect(await failure()).to.match(/cannot read the site state: .*broken/);
  });
});
