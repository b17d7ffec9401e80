import { expect } from "chai";
import { AccessKeys, type AccessKeysArgs } from "../../../../components/shared/access-keys/index.ts";
import { refusal, regional, topology } from "../../../support/fixtures.ts";
import { ofType, only, settled, startMocks, valueOf } from "../../../support/pulumi-mocks.ts";

const keyArns = { primary: "arn:key:primary", alternate: "arn:key:alternate" };

const build = (changes: Partial<AccessKeysArgs> = {}): AccessKeys =>
  new AccessKeys(
    "shop",
    { topology, keyArns, accesses: ["account"], ...changes },
    { provider: regional("primary", topology.primaryRegion) },
  );

describe("AccessKeys", () => {
  beforeEach(() => startMocks());

  it("stores the secret in both regions, encrypted with each one's key", async () => {
    const keys = build();
    await settled();
    const secret = only("aws:secretsmanager/secret:Secret");
    expect(secret.inputs).to.include({ name: "shop/database-access-keys", kmsKeyId: keyArns.primary });
    expect(secret.inputs["replicas"]).to.deep.equal([{ region: "eu-central-1", kmsKeyId: keyArns.alternate }]);
    expect(await valueOf(keys.secretName)).to.equal("shop/database-access-keys");
  });

  it("is protected and has the longest deletion window that AWS allows", async () => {
    build();
    await settled();
    const secret = only("aws:secretsmanager/secret:Secret");
    expect(secret.protect).to.equal(true);
    expect(secret.inputs["recoveryWindowInDays"]).to.equal(30);
  });

  it("can be unprotected, e.g. for keys used by one test", async () => {
    build({ protect: false });
    await settled();
    expect(only("aws:secretsmanager/secret:Secret").protect).to.equal(false);
  });

  it("stores the keys in that secret, in the component's region and under the component", async () => {
    build({ accesses: ["account", "agent"] });
    await settled();
    const version = only("aws:secretsmanager/secretVersion:SecretVersion");
    expect(version.inputs["secretId"]).to.equal("shop-id");
    expect([version.provider, only("aws:secretsmanager/secret:Secret").provider]).to.deep.equal(["primary", "primary"]);
    const passwords = ofType("random:index/randomPassword:RandomPassword");
    const parents = [version, only("aws:secretsmanager/secret:Secret"), ...passwords].map(({ parent }) => parent);
    expect(new Set(parents)).to.have.property("size", 1);
    expect(parents[0]).to.match(/continuity:access-keys:AccessKeys::shop$/);
  });

  it("keeps an access's key when the accesses before it change", async () => {
    build({ accesses: ["account", "agent"] });
    await settled();
    const names = () => ofType("random:index/randomPassword:RandomPassword").map(({ name }) => name);
    const before = names();
    await startMocks();
    build({ accesses: ["agent"] });
    await settled();
    expect(before).to.include.members(names());
    expect(names()).to.deep.equal(["shop-agent"]);
  });

  it("contains one random key of 64 characters per access", async () => {
    build({ accesses: ["account", "agent"] });
    await settled();
    const version = only("aws:secretsmanager/secretVersion:SecretVersion");
    expect(JSON.parse(String(version.inputs["secretString"])))
      .to //
      .deep.equal({ account: "password-of-shop-account", agent: "password-of-shop-agent" });
    expect(version.secretInputs).to.deep.equal(["secretString"]);
    const made = ofType("random:index/randomPassword:RandomPassword").map(({ inputs }) => inputs);
    // No special characters: keys also pass through quotes, environments and tool logs.
    expect(made).to.deep.equal(made.map(() => ({ length: 64, special: false })));
  });

  it("rejects an empty list of accesses", () => {
    expect(refusal(() => build({ accesses: [] }))).to.contain("must name at least one access");
  });

  it("rejects every name that the database would reject", () => {
    const message = refusal(() => build({ accesses: ["account", "two words", "1st"] }));
    expect(message).to.contain("2 problem(s)").and.contain('"two words"').and.contain('"1st"');
  });

  it("rejects a name that is there twice, and creates nothing", async () => {
    expect(refusal(() => build({ accesses: ["account", "account"] })))
      .to.contain("accesses[1]")
      .and.contain("must not be repeated");
    await settled();
    expect(ofType("aws:secretsmanager/secret:Secret")).to.be.empty;
  });
});
