import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { cacheRoot, cached, contentHash } from "../../tools/index.ts";
import type { Recipe } from "../../tools/index.ts";

describe("cache of tools", () => {
  let root: string;
  let inputs: string;
  let made: number;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "cache-test-"));
    inputs = mkdtempSync(join(tmpdir(), "inputs-test-"));
    mkdirSync(join(inputs, "below"));
    writeFileSync(join(inputs, "a"), "1");
    writeFileSync(join(inputs, "below/b"), "2");
    made = 0;
  });
  afterEach(() => [root, inputs].forEach((path) => rmSync(path, { recursive: true, force: true })));

  const recipe = (change: Partial<Recipe> = {}): Recipe => ({
    name: "tool",
    task: "making a tool",
    estimate: "a moment",
    inputs: { root: inputs, files: ["."], facts: ["v1"] },
    make: async (folder) => {
      made++;
      writeFileSync(join(folder, "tool"), "made");
      await Promise.resolve();
    },
    ...change,
  });
  const silent = (): void => undefined;

  it("makes a tool once, tells so, and is silent afterwards", async () => {
    const lines: string[] = [];
    const first = await cached(recipe(), (line) => lines.push(line), root);
    expect(lines).to.deep.equal(["making a tool (first time only, a moment)", "making a tool: done in 0 s"]);
    const second = await cached(recipe(), (line) => lines.push(line), root);
    expect([second, made, lines.length]).to.deep.equal([first, 1, 2]);
    expect(existsSync(join(first, "tool"))).to.equal(true);
  });

  it("makes it once even when asked for twice at the same time", async () => {
    const slow = recipe({
      make: async (...how) => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        await recipe().make(...how);
      },
    });
    const lines: string[] = [];
    const both = await Promise.all([1, 2].map(() => cached(slow, (line) => lines.push(line), root)));
    expect(made).to.equal(1);
    expect(both[0]).to.equal(both[1]);
    expect(lines).to.include("waiting for another run that is making a tool");
  });

  const changes: Record<string, () => Recipe["inputs"]> = {
    "another content": () => {
      writeFileSync(join(inputs, "below/b"), "3");
      return recipe().inputs;
    },
    "another name": () => {
      rmSync(join(inputs, "a"));
      writeFileSync(join(inputs, "aa"), "1"); // in the same place of the order
      return recipe().inputs;
    },
    "one more file": () => {
      writeFileSync(join(inputs, "below/c"), "");
      return recipe().inputs;
    },
    "another fact": () => ({ ...recipe().inputs, facts: ["v2"] }),
    "a border moved between facts": () => ({ ...recipe().inputs, facts: ["v", "1"] }),
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`has another hash with ${what}`, () => {
      const before = contentHash(recipe().inputs);
      expect(contentHash(change())).not.to.equal(before);
    });
  }

  it("has the same hash wherever the files lie", () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "inputs-test-"));
    mkdirSync(join(elsewhere, "below"));
    writeFileSync(join(elsewhere, "below/b"), "2");
    writeFileSync(join(elsewhere, "a"), "1");
    expect(contentHash({ ...recipe().inputs, root: elsewhere })).to.equal(contentHash(recipe().inputs));
    rmSync(elsewhere, { recursive: true });
  });

  it("is used where it cannot be written, as in a read-only home: its age is not worth a failure", async () => {
    const folder = join(root, `tool-${contentHash(recipe().inputs)}`);
    symlinkSync("/proc/self", folder); // there, and refuses a new time to everybody
    expect(() => utimesSync(folder, new Date(), new Date())).to.throw(/EPERM|EACCES/);
    expect(await cached(recipe(), silent, root)).to.equal(folder);
    expect(made).to.equal(0);
  });

  it("says where it cannot be made, and how to have it elsewhere", async () => {
    const error = await cached(recipe(), silent, join(inputs, "a/below")).then(String, String);
    expect(error).to.match(/a\/below cannot be written \(.+\).*making a tool.*LOCAL_CLOUD_CACHE/);
  });

  it("names a full disk, whether there is too little room or it ends on the way", async () => {
    const large = await cached(recipe({ mebibytes: 1e12 }), silent, root).then(String, String);
    expect(large).to.match(
      /disk full: .* has \d+ MiB free, but 1\d+ MiB are needed for making a tool;.*LOCAL_CLOUD_CACHE/,
    );
    const filling = recipe({ make: () => Promise.reject(new Error("go build: write x.a: no space left on device")) });
    const ended = await cached(filling, silent, root).then(String, String);
    expect(ended).to.match(/disk full: no space left while making a tool; free some, .*LOCAL_CLOUD_CACHE\ngo build/);
  });

  it("leaves nothing in place when making it fails, and tries again the next time", async () => {
    const broken = recipe({
      make: (folder) => {
        writeFileSync(join(folder, "half"), "");
        return Promise.reject(new Error("no network"));
      },
    });
    expect(await cached(broken, silent, root).then(String, String)).to.contain("no network");
    expect(readdirSync(root)).to.deep.equal([]);
    expect(existsSync(join(await cached(recipe(), silent, root), "tool"))).to.equal(true);
  });

  it("removes the parts of crashed runs", async () => {
    const folder = join(root, `tool-${contentHash(recipe().inputs)}`);
    mkdirSync(`${folder}.part-crashed`, { recursive: true });
    await cached(recipe(), silent, root);
    expect(readdirSync(root)).to.deep.equal([folder.slice(root.length + 1)]);
  });

  it("removes older builds that nobody has used for a month, and nothing else", async () => {
    const old = join(root, "tool-00000000000000000000");
    const recent = join(root, "tool-11111111111111111111");
    const other = join(root, "tool-box-00000000000000000000");
    for (const path of [old, recent, other]) mkdirSync(path);
    for (const path of [old, other]) utimesSync(path, new Date(0), new Date(0));
    await cached(recipe(), silent, root);
    expect([old, recent, other].map(existsSync)).to.deep.equal([false, true, true]);
  });

  it("lies where the environment says", () => {
    expect(cacheRoot({ LOCAL_CLOUD_CACHE: "/x" })).to.equal("/x");
    expect(cacheRoot({ XDG_CACHE_HOME: "/y" })).to.equal("/y/local-cloud");
    expect(cacheRoot({})).to.match(/\/\.cache\/local-cloud$/);
  });
});
