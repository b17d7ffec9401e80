import { expect } from "chai";
import { Database } from "../../../jobs/database/client.ts";
import {
  dropGeneration,
  dropUnfinished,
  generationName,
  hasBeenUsed,
  listGenerations,
  markUsed,
  saveGeneration,
  type Generation,
} from "../../../jobs/standby/generations.ts";
import { freshDatabase, stopEngine } from "../support/engine.ts";

const slot = "20261123T100000Z";
let names = 0;

describe("generations of a standby", () => {
  let server: Database;
  beforeEach(async () => {
    const { address } = await freshDatabase();
    const namespace = `generations${++names}`;
    server = new Database({ ...address, namespace }, "");
    await server.query(
      `DEFINE NAMESPACE IF NOT EXISTS ${namespace}; USE NS ${namespace}; DEFINE DATABASE IF NOT EXISTS continuity`,
    );
  });
  after(stopEngine);

  const generation = (name: string, state: Generation["state"] = "verified"): Generation => ({
    name,
    full: slot,
    state,
    kind: "full",
    slot,
    snapshotAt: "2026-11-23T10:00:00.000Z",
    sequences: {},
    site: "primary",
    epoch: 1,
    evidence: slot,
  });
  const existing = async (): Promise<string[]> => {
    const [info] = (await server.query("INFO FOR NS")) as [{ databases: object }];
    return Object.keys(info.databases).sort();
  };
  const known = async () => (await listGenerations(server)).map(({ name }) => name);

  it("are kept as they were saved, oldest first, the last word counts", async () => {
    await saveGeneration(server, generation("g20261124T100000Z"));
    await saveGeneration(server, generation(`g${slot}`, "importing"));
    const changed = { ...generation(`g${slot}`), doubt: "its clock" };
    await saveGeneration(server, changed);
    expect(await listGenerations(server)).to.deep.equal([changed, generation("g20261124T100000Z")]);
  });

  it("never take each other's name", () => {
    expect(generationName(slot)).to.equal(`g${slot}`);
    const taken = [`g${slot}`, `g${slot}_2`].map((name) => generation(name));
    expect(generationName(slot, taken)).to.equal(`g${slot}_3`);
    expect(generationName(slot, taken.slice(1))).to.equal(`g${slot}`);
  });

  it("are the only databases that are ever dropped", async () => {
    await server.query("DEFINE DATABASE main");
    for (const name of ["main", "continuity", `g${slot}x`, `xg${slot}`, "g2026", ""]) {
      const error = await dropGeneration(server, name).catch((reason: unknown) => reason);
      expect(String(error), name).to.match(/is not a generation/);
    }
    expect(await existing()).to.deep.equal(["continuity", "main"]);
  });

  it("are dropped with what is known of them", async () => {
    await server.query(`DEFINE DATABASE g${slot}`);
    await saveGeneration(server, generation(`g${slot}`));
    await dropGeneration(server, `g${slot}`);
    expect(await existing()).to.deep.equal(["continuity"]);
    expect(await known()).to.deep.equal([]);
  });

  it("that a killed run left half-imported are dropped, and so is what is known of vanished ones", async () => {
    const [whole, half, unknown, applying, vanished] = ["10", "11", "12", "13", "14"].map(
      (day) => `g202611${day}T100000Z`,
    );
    for (const name of [whole, half, unknown, applying, "main"]) await server.query(`DEFINE DATABASE ${name}`);
    await saveGeneration(server, generation(whole ?? ""));
    await saveGeneration(server, generation(half ?? "", "importing"));
    await saveGeneration(server, generation(applying ?? "", "applying"));
    await saveGeneration(server, generation(vanished ?? ""));
    expect((await dropUnfinished(server)).sort()).to.deep.equal([half, unknown]);
    expect(await existing()).to.deep.equal(["continuity", whole, applying, "main"].sort());
    expect(await known()).to.deep.equal([whole, applying]);
  });

  it("that took writes are at no recovery point any more, and stay so", async () => {
    await saveGeneration(server, generation(`g${slot}`));
    await markUsed(server, `g${slot}`);
    await markUsed(server, "main");
    const [used, ...others] = await listGenerations(server);
    expect(others).to.deep.equal([]);
    expect(used && hasBeenUsed(used)).to.equal(true);
    await markUsed(server, `g${slot}`);
    expect(await listGenerations(server)).to.deep.equal([used]);
    expect(hasBeenUsed({ doubt: "its clock" })).to.equal(false);
  });
});
