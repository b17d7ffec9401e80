/** Which roles an existing stack may have, by the writer records of both regions. */
import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { contradiction, readThrough, roleAgrees } from "../../../components/stack/writer-record.ts";
import { roleOverrideVariable, type Role, type SiteName } from "../../../contract/index.ts";
import { regional, topology } from "../../support/fixtures.ts";
import { startMocks } from "../../support/pulumi-mocks.ts";

const record = (site: SiteName, epoch = 1) => ({ site, epoch, since: "2026-01-15T10:00:00.000Z" });
type Texts = Partial<Record<SiteName, string>>;

/** The refusal, and the sites whose record was read. */
async function judged(
  site: SiteName,
  [roleBefore, role]: [Role | undefined, Role],
  records: Texts,
  env: NodeJS.ProcessEnv = {},
): Promise<{ message: string | undefined; read: SiteName[] }> {
  const read: SiteName[] = [];
  const readRecord = async (of: SiteName) => {
    read.push(of);
    return records[of];
  };
  try {
    await roleAgrees({ site, role, roleBefore }, readRecord, env);
    return { message: undefined, read };
  } catch (error) {
    if (pulumi.RunError.isInstance(error)) return { message: error.message, read };
    throw error;
  }
}

const text = (site: SiteName, epoch = 1): string => JSON.stringify(record(site, epoch));

describe("the role of an existing stack", () => {
  before(() => startMocks());

  it("agrees with the record if the writer is active and nobody else is", () => {
    for (const role of ["standby", "isolated"] as const) {
      expect(contradiction("alternate", role, record("primary")), role).to.equal(undefined);
      expect(contradiction("primary", role, record("primary"))?.where, role).to.equal("role");
    }
    expect(contradiction("primary", "active", record("primary"))).to.equal(undefined);
    expect(contradiction("primary", "active", record("alternate"))?.where).to.equal("role");
    expect(contradiction("alternate", "standby", undefined)).to.equal(undefined);
  });

  it("is refused if it would take the serving site out of service, with the remedy", async () => {
    const { message } = await judged("alternate", ["active", "standby"], { alternate: text("alternate", 2) });
    expect(message).to.match(/^stack test: vapora-continuity:role is "standby", but must agree with the writer record/);
    expect(message).to.contain("the alternate site as the writer (epoch 2, since 2026-01-15T10:00:00.000Z)");
    expect(message).to.contain("set it to active, the role since the failover, and commit that");
    expect(message).to.contain(`${roleOverrideVariable}=1`);
  });

  it("is refused if a replaced site is still active", async () => {
    const { message } = await judged("primary", ["active", "active"], { primary: text("alternate", 2) });
    expect(message).to.contain("set it to isolated, or standby");
  });

  const allowed: [string, SiteName, [Role | undefined, Role], Texts, SiteName[]][] = [
    ["on a new stack", "alternate", [undefined, "standby"], { alternate: text("alternate") }, []],
    ["in a failover, which reads nothing", "alternate", ["standby", "active"], { alternate: text("primary") }, []],
    ["before any record exists", "primary", ["active", "active"], {}, ["primary"]],
    ["if the own record agrees", "alternate", ["standby", "standby"], { alternate: text("primary") }, ["alternate"]],
    [
      "if the own region was lost, and the other one has a newer record",
      "primary",
      ["active", "isolated"],
      { primary: text("primary", 1), alternate: text("alternate", 2) },
      ["primary", "alternate"],
    ],
    ["if the record is none", "primary", ["active", "isolated"], { primary: "{]" }, ["primary"]],
    ["if the record names nobody", "primary", ["active", "isolated"], { primary: '{"epoch": 1}' }, ["primary"]],
  ];
  for (const [what, site, roles, records, read] of allowed) {
    it(`is free ${what}`, async () => {
      expect(await judged(site, roles, records)).to.deep.equal({ message: undefined, read });
    });
  }

  it("is not decided by an older record of the other region", async () => {
    const records = { primary: text("primary", 3), alternate: text("alternate", 2) };
    expect((await judged("primary", ["active", "isolated"], records)).message).to.contain("epoch 3");
  });

  it("is free for one update that says so", async () => {
    const records = { alternate: text("alternate", 2) };
    const env = { [roleOverrideVariable]: "1" };
    expect(await judged("alternate", ["active", "standby"], records, env)).to.deep.equal({
      message: undefined,
      read: [],
    });
    expect((await judged("alternate", ["active", "standby"], records, { [roleOverrideVariable]: "" })).message).not.to
      .be.undefined;
  });
});

describe("the writer record of a stack", () => {
  it("is read in its bucket's region, through the stack's own provider", async () => {
    const asked: unknown[] = [];
    await startMocks({
      "aws:s3/getObject:getObject": (args) => {
        asked.push(args);
        return { body: text("primary") };
      },
    });
    const read = readThrough(topology, regional("alternate", "eu-central-1"));
    expect(await read("primary")).to.equal(text("primary"));
    expect(asked).to.deep.equal([
      { bucket: "shop-recovery-points-eu-west-1", key: "control/writer.json", region: "eu-west-1" },
    ]);
  });

  it("is none if it cannot be read", async () => {
    await startMocks({
      "aws:s3/getObject:getObject": () => {
        throw new Error("couldn't find resource");
      },
    });
    expect(await readThrough(topology, regional("alternate", "eu-central-1"))("alternate")).to.equal(undefined);
  });
});
