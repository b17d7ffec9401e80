import { expect } from "chai";
import { namesWithoutFeed, readDefinitions, shortestFeedSeconds } from "../../../jobs/database/definitions.ts";
import { freshDatabase, stopEngine } from "../support/engine.ts";
import { fill } from "../support/vapora.ts";

describe("definitions of a database", () => {
  after(stopEngine);

  it("include changefeeds, edges, views and computed fields", async () => {
    const database = await freshDatabase();
    await fill(database, 1);
    const definitions = await readDefinitions(database);
    expect(definitions.tables["ledger"]?.feedSeconds).to.equal(7 * 86_400);
    expect(definitions.tables["owns"]?.relation).to.equal(true);
    expect(definitions.tables["accounts_by_name"]?.view).to.equal(true);
    expect(definitions.tables["account"]?.views).to.deep.equal(["accounts_by_name"]);
    expect(definitions.tables["task"]?.computedFields).to.deep.equal(["twice"]);
    expect(namesWithoutFeed(definitions)).to.deep.equal(["audit"]);
    expect(shortestFeedSeconds(definitions)).to.equal(7 * 86_400);
  });

  it("change their digest with each kind of change, and only then", async () => {
    const database = await freshDatabase();
    await fill(database, 1);
    let { digest } = await readDefinitions(database);
    await database.query("CREATE ledger:99 SET n = 99, at = time::now(), payload = ''");
    expect((await readDefinitions(database)).digest).to.equal(digest);
    const changes = [
      "DEFINE TABLE another",
      "DEFINE FIELD x ON task TYPE option<int>",
      "DEFINE INDEX x ON task FIELDS x",
      "DEFINE EVENT x ON task WHEN true THEN {}",
      "DEFINE FUNCTION fn::x() { RETURN 1 }",
      "DEFINE ANALYZER x TOKENIZERS blank",
      "DEFINE PARAM OVERWRITE $limit VALUE 7",
      "DEFINE SEQUENCE x",
      "DEFINE USER x ON DATABASE PASSWORD 'x' ROLES VIEWER",
      "DEFINE ACCESS x ON DATABASE TYPE JWT ALGORITHM HS256 KEY 'x'",
      "REMOVE TABLE another",
    ];
    for (const change of changes) {
      await database.query(change);
      const next = (await readDefinitions(database)).digest;
      expect(next, change).not.to.equal(digest);
      digest = next;
    }
  });

  it("can be read from an empty database", async () => {
    const definitions = await readDefinitions(await freshDatabase());
    expect(definitions.tables).to.deep.equal({});
    expect(shortestFeedSeconds(definitions)).to.equal(undefined);
  });
});
