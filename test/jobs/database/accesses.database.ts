import { expect } from "chai";
import {
  forge,
  isAccepted,
  keyedAccesses,
  parseAccessKeys,
  redacted,
  redefineAccesses,
  withKeys,
} from "../../../jobs/database/accesses.ts";
import { literal, QueryError, type Database } from "../../../jobs/database/client.ts";
import { freshDatabase, stopEngine } from "../support/engine.ts";

const realKey = "a key with 'quotes' and \\ and $& in it";
const access = (key: string) =>
  `DEFINE ACCESS account ON DATABASE TYPE RECORD SIGNIN (SELECT * FROM account)
   WITH JWT ALGORITHM HS512 KEY '${key}' WITH ISSUER KEY '${key}' DURATION FOR TOKEN 1h;`;

describe("accesses after a restore", () => {
  after(stopEngine);
  let database: Database;
  beforeEach(async () => {
    database = await freshDatabase();
    // What every export with an access contains, and an import restores.
    await database.query(`OPTION IMPORT; DEFINE TABLE account; ${access(redacted)} CREATE account:ada;`);
  });

  it("accept forged tokens until the real keys are set", async () => {
    const forged = () => forge(database, "account", "512");
    expect(await isAccepted(database, forged())).to.equal(true);
    await redefineAccesses(database, { account: { key: realKey, issuerKey: realKey } });
    expect(await isAccepted(database, forged())).to.equal(false);
    expect(await isAccepted(database, forge(database, "account", "512", realKey))).to.equal(true);
  });

  it("are unchanged when a key is missing, empty or the literal itself", async () => {
    await database.query("DEFINE ACCESS other ON DATABASE TYPE JWT ALGORITHM HS256 KEY 'x'");
    const good = { key: realKey, issuerKey: realKey };
    for (const other of [undefined, { key: "", issuerKey: "" }, { key: redacted, issuerKey: redacted }]) {
      const keys = { account: good, ...(other && { other }) };
      const error = await redefineAccesses(database, keys).catch((reason: unknown) => reason);
      expect(String(error)).to.match(/access other has (no key|an empty or redacted key)/);
      expect(await isAccepted(database, forge(database, "account", "512"))).to.equal(true);
    }
  });

  it("keep their keys out of errors, even if the server quotes the statement", async () => {
    const secret = "it's the\nreal \\ key";
    for (const sql of [
      `DEFINE ACCESS OVERWRITE a ON DATABASE TYPE JWT ALGORITHM HS256 KEY ${literal(secret)} NONSENSE`,
      `DEFINE ACCESS OVERWRITE a ON DATABASE TYPE JWT ALGORITHM ${literal(secret)}`,
      `THROW ${literal(`DEFINE USER u PASSWORD '${secret}'`)}`,
      `THROW "KEY 'the real key, cut"`,
    ]) {
      const error: unknown = await database.queryWithSecrets("defining", sql, [secret]).catch((e: unknown) => e);
      expect(error).to.be.instanceOf(QueryError);
      expect(String(error))
        .to.contain("defining:")
        .and.not.match(/real|it's|the\b/);
    }
  });

  it("need no key if their definition has none", () => {
    const statement = "DEFINE ACCESS web ON DATABASE TYPE JWT URL 'https://keys.example/set' DURATION FOR SESSION NONE";
    expect(keyedAccesses({ web: statement, account: access(redacted) })).to.deep.equal(["account"]);
  });

  it("support different keys for signing and verification", () => {
    const statement = `DEFINE ACCESS a ON DATABASE TYPE JWT ALGORITHM RS256 KEY '${redacted}' WITH ISSUER KEY '${redacted}'`;
    const keys = parseAccessKeys('{"a": {"key": "public", "issuerKey": "private"}, "b": "same"}');
    expect(withKeys(statement, keys["a"] ?? { key: "", issuerKey: "" })).to.equal(
      "DEFINE ACCESS OVERWRITE a ON DATABASE TYPE JWT ALGORITHM RS256 KEY 'public' WITH ISSUER KEY 'private'",
    );
    expect(keys["b"]).to.deep.equal({ key: "same", issuerKey: "same" });
  });
});
