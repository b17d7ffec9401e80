import { expect } from "chai";
import fc from "fast-check";
import { readCatalogue } from "../../../jobs/points/read-catalogue.ts";
import type { ChangesManifest, FullManifest, Manifest } from "../../../jobs/points/manifest.ts";
import { manifestKey } from "../../../jobs/points/store.ts";
import type { Generation } from "../../../jobs/standby/generations.ts";
import { currentOf, findDoubt, findVanished, keptOf, nextTask } from "../../../jobs/standby/next-task.ts";
import { ago, now, PointBucket } from "../support/bucket.ts";

const generationAt = (point: Manifest, changed: Partial<Generation> = {}): Generation => {
  const full = point.kind === "full" ? point.slot : point.full;
  const { kind, slot, snapshotAt } = point;
  const rest = { sequences: {}, epoch: 1, evidence: slot, state: "verified" as const };
  return { name: `g${full}`, full, kind, slot, snapshotAt, ...rest, ...changed };
};

describe("the standby's next task", () => {
  let bucket: PointBucket;
  let full: FullManifest;
  let first: ChangesManifest;
  let second: ChangesManifest;
  let third: ChangesManifest;

  beforeEach(() => {
    bucket = new PointBucket();
    full = bucket.full(60);
    first = bucket.changes(50, full);
    second = bucket.changes(40, first);
    third = bucket.changes(30, second);
  });

  const catalogueFor = (generations: Generation[]) =>
    readCatalogue({ store: bucket, writer: undefined, since: generations.map((g) => g.full), now });
  /** E.g. `import 20261123T110000Z` or `g20261123T110000Z <- 20261123T111000Z`. */
  async function next(...generations: Generation[]): Promise<string | undefined> {
    const task = nextTask(await catalogueFor(generations), generations);
    if (task?.kind === "import") return `import ${task.full.slot}`;
    return task && `${task.generation.name} <- ${task.points.map(({ slot }) => slot).join(" ")}`;
  }

  it("imports the newest full export, then applies its changes, then nothing", async () => {
    expect(await next()).to.equal(`import ${full.slot}`);
    const name = `g${full.slot}`;
    expect(await next(generationAt(full))).to.equal(`${name} <- ${first.slot} ${second.slot} ${third.slot}`);
    expect(await next(generationAt(second))).to.equal(`${name} <- ${third.slot}`);
    expect(await next(generationAt(third))).to.equal(undefined);
  });

  it("applies nothing to a generation whose recovery point was removed, reports it, and imports the next full export", async () => {
    bucket.objects.delete(manifestKey("changes", third.slot));
    const generation = generationAt(third);
    expect(await next(generation)).to.equal(undefined);
    const vanished = findVanished(await catalogueFor([generation]), [generation]);
    expect(vanished.map(({ key }) => key)).to.deep.equal([manifestKey("changes", third.slot)]);
    const newer = bucket.full(20);
    expect(await next(generation)).to.equal(`import ${newer.slot}`);
  });

  it("imports the same full export again if its chain leads further than such a generation", async () => {
    bucket.objects.delete(manifestKey("changes", third.slot));
    bucket.changes(20, second);
    expect(await next(generationAt(third))).to.equal(`import ${full.slot}`);
  });

  it("applies nothing to a generation whose recovery point was replaced by another one of its slot", async () => {
    bucket.add({ ...second, snapshotAt: ago(41).toISOString() });
    expect(await next(generationAt(second))).to.equal(`import ${full.slot}`);
  });

  it("continues if the full export's manifest was removed but the generation's recovery point was not", async () => {
    bucket.objects.delete(manifestKey("full", full.slot));
    expect(await next(generationAt(first))).to.equal(`g${full.slot} <- ${second.slot} ${third.slot}`);
  });

  it("imports a good newer full export if the chain of the known generation is broken", async () => {
    bucket.put(manifestKey("changes", second.slot), "{");
    const newer = bucket.full(20);
    expect(await next(generationAt(first))).to.equal(`import ${newer.slot}`);
  });

  it("neither prefers nor continues a future generation", async () => {
    const snapshotAt = "2099-01-01T00:00:00.000Z";
    const ahead = generationAt(first, { snapshotAt, name: "g20990101T000000Z" });
    expect(await next(ahead)).to.equal(`import ${full.slot}`);
    expect(currentOf([ahead, generationAt(full)])?.slot).to.equal(full.slot);
    expect(currentOf([ahead])?.name).to.equal(ahead.name); // better than none
  });

  it("does not continue a doubtful generation", async () => {
    const doubtful = generationAt(first, { doubt: "its site had been replaced" });
    expect(await next(doubtful)).to.equal(`import ${full.slot}`);
  });

  it("neither prefers nor continues a generation that was in use, keeps it, and does not report its recovery point as removed", async () => {
    const used = generationAt(second, { doubt: "it has been in use since" });
    expect(await next(used)).to.equal(`import ${full.slot}`);
    const named = (name: string, point: Manifest) => generationAt(point, { name });
    const all = [used, named("a", full), named("b", first)];
    expect(currentOf(all)?.name).to.equal("b");
    expect([...keptOf(all, undefined)]).to.have.members(["b", "a", used.name]);
    expect(currentOf([used])?.name, "better than none").to.equal(used.name);
    bucket.objects.delete(manifestKey("changes", second.slot));
    expect(findVanished(await catalogueFor([used]), [used])).to.be.empty;
  });

  it("does not prefer a generation whose recovery point arrived before its date", async () => {
    const ahead = bucket.full(25, { snapshotAt: ago(1).toISOString(), finishedAt: ago(25).toISOString() });
    const doubtful = generationAt(ahead);
    const doubt = findDoubt(doubtful, await catalogueFor([doubtful]), undefined);
    expect(doubt).to.contain("later than its arrival in the bucket");
    const known = [generationAt(full), { ...doubtful, doubt: doubt ?? "" }];
    expect(currentOf(known)?.slot).to.equal(full.slot);
    expect(await next(...known)).to.equal(`g${full.slot} <- ${first.slot} ${second.slot} ${third.slot}`);
  });

  it("keeps the current generation, the previous one, and the last one before an undecided recovery point", () => {
    const named = (name: string, minutes: number, changed: Partial<Generation> = {}) =>
      generationAt(full, { name, snapshotAt: ago(minutes).toISOString(), ...changed });
    const all = [named("a", 50), named("b", 40), named("c", 30), named("d", 20)];
    expect([...keptOf(all, undefined)]).to.have.members(["c", "d"]);
    expect([...keptOf(all, ago(35).toISOString())]).to.have.members(["b", "c", "d"]);
    expect([...keptOf([...all, named("e", 10, { state: "applying" })], undefined)]).to.have.members(["c", "d"]);
  });

  describe("in a bucket with any damage", () => {
    type Damage = (bucket: PointBucket, point: Manifest) => void;
    const damages: Damage[] = [
      (b, p) => b.objects.delete(manifestKey(p.kind, p.slot)),
      (b, p) => b.put(manifestKey(p.kind, p.slot), "{}"),
      (b, p) => b.objects.delete(p.parts[0]?.key ?? ""),
      (b, p) => b.put(p.parts[0]?.key ?? "", "x"),
      (b, p) => b.add({ ...p, snapshotAt: "2099-01-01T00:00:00.000Z" }),
      (b, p) => b.add({ ...p, suspicious: { since: `${p.kind} ${p.slot}`, reasons: ["x"] } }),
    ];
    const shape = fc.record({
      chains: fc.array(fc.nat(4), { minLength: 1, maxLength: 4 }),
      harm: fc.array(fc.tuple(fc.nat(30), fc.nat(damages.length - 1)), { maxLength: 6 }),
      at: fc.option(fc.nat(30), { nil: undefined }),
    });

    it("applies only direct successors of a generation's recovery point, and finds newer good ones", async () => {
      await fc.assert(
        fc.asyncProperty(shape, async ({ chains, harm, at }) => {
          const broken = new PointBucket();
          broken.put("points/full/zzz/manifest.json", "{}");
          const points: Manifest[] = [];
          let minutes = 300;
          for (const length of chains) {
            let last: Manifest = broken.full((minutes -= 10));
            points.push(last);
            for (let i = 0; i < length; i++) points.push((last = broken.changes((minutes -= 10), last)));
          }
          const own = at === undefined ? undefined : points[at % points.length];
          const generations = own ? [generationAt(own)] : [];
          const hurt = new Set<Manifest>();
          for (const [index, damage] of harm) {
            const point = points[index % points.length] as Manifest;
            damages[damage]?.(broken, point);
            hurt.add(point);
          }
          const args = { store: broken, writer: undefined, since: generations.map((g) => g.full), now };
          const task = nextTask(await readCatalogue(args), generations);
          if (task?.kind === "continue") {
            let before: { kind: string; slot: string } = task.generation;
            for (const point of task.points) {
              expect(point.parent).to.deep.equal({ kind: before.kind, slot: before.slot });
              expect(point.suspicious).to.equal(undefined);
              expect([...hurt].map(({ slot }) => slot)).not.to.include(point.slot);
              before = point;
            }
          }
          const goodFull = points.find(
            (p) => p.kind === "full" && !hurt.has(p) && (!own || p.snapshotAt > own.snapshotAt),
          );
          if (goodFull) expect(task).not.to.equal(undefined);
        }),
        { numRuns: 300 },
      );
    });
  });
});
