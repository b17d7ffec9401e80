import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect } from "chai";
import fc from "fast-check";
import { randomKinds, randomProvider } from "../../providers/random/index.ts";
import { below, seededSource, shuffled, systemSource } from "../../providers/random/sources.ts";
import { hasUnknown, isSecret, plainObject, unknown, type Properties } from "../../providers/values.ts";
import { callOf } from "./support.ts";

const provider = randomProvider();
const typeOf = (name: string) => `random:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
const check = (name: string, inputs: Properties) => provider.check(callOf(typeOf(name)), undefined, inputs);
const problems = async (name: string, inputs: Properties) =>
  ((await check(name, inputs)).failures ?? []).map(({ property, reason }) => `${property} ${reason}`);

async function made(name: string, wishes: Properties, preview = false) {
  const { inputs, failures } = await check(name, wishes);
  expect(failures).to.deep.equal([]);
  const { id, outputs } = await provider.create(callOf(typeOf(name), { preview }), inputs);
  return { id, wrapped: outputs, outputs: plainObject(outputs) };
}

/** The names of a resource's inputs as the SDK's declarations have them. */
function declaredInputs(name: string): string[] {
  const file = createRequire(import.meta.url).resolve(`@pulumi/random/random${name.slice("Random".length)}.d.ts`);
  const source = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  const body = new RegExp(`interface ${name}Args \\{([\\s\\S]*?)\\n\\}`).exec(source)?.[1] ?? "";
  return [...body.matchAll(/^ {4}(\w+)\??:/gm)].map((match) => match[1] ?? "");
}

describe("random provider", () => {
  it("has exactly the inputs that the SDK declares", () => {
    for (const [type, kind] of Object.entries(randomKinds)) {
      const name = type.split(":")[2] ?? "";
      expect(declaredInputs(name), name).to.not.be.empty;
      expect(Object.keys(kind.inputs), name).to.have.members(declaredInputs(name));
    }
  });

  it("refuses unknown names, missing and wrong values, all at once", async () => {
    expect(await problems("RandomPassword", { lenght: 3, minLower: "2" })).to.deep.equal([
      `lenght is not an input; use one of ${Object.keys(randomKinds[typeOf("RandomPassword")]?.inputs ?? {}).join(", ")}`,
      'minLower must be an integer of at least 0, is "2"',
      "length is required",
    ]);
    expect(await problems("RandomPassword", { length: 3, minLower: 2, minUpper: 2 })).to.deep.equal([
      "length is 3, but the minimums add up to 4",
    ]);
    const nothing = { length: 3, lower: false, upper: false, numeric: false, special: false };
    expect(await problems("RandomString", nothing)).to.have.length(1);
    expect(await problems("RandomInteger", { min: 3, max: 2 })).to.have.length(1);
    expect(await problems("RandomId", { byteLength: 0 })).to.have.length(1);
  });

  it("accepts values that are unknown in a preview", async () => {
    expect(await problems("RandomPassword", { length: unknown })).to.deep.equal([]);
  });

  it("makes texts of the wished length from the wished classes", async () => {
    const count = (text: string, pattern: RegExp) => [...text].filter((one) => pattern.test(one)).length;
    const wish = fc.record({
      minLower: fc.nat(4),
      minUpper: fc.nat(4),
      minNumeric: fc.nat(4),
      minSpecial: fc.nat(4),
      extra: fc.integer({ min: 1, max: 30 }),
      overrideSpecial: fc.constantFrom("_", "!?", undefined),
    });
    await fc.assert(
      fc.asyncProperty(wish, async ({ extra, overrideSpecial, ...minimums }) => {
        const length = extra + minimums.minLower + minimums.minUpper + minimums.minNumeric + minimums.minSpecial;
        const { outputs } = await made("RandomString", {
          length,
          ...minimums,
          ...(overrideSpecial && { overrideSpecial }),
        });
        const text = String(outputs.result);
        expect(text).to.have.length(length);
        expect(count(text, /[a-z]/)).to.be.at.least(minimums.minLower);
        expect(count(text, /[A-Z]/)).to.be.at.least(minimums.minUpper);
        expect(count(text, /[0-9]/)).to.be.at.least(minimums.minNumeric);
        expect(count(text, /[^a-zA-Z0-9]/)).to.be.at.least(minimums.minSpecial);
        if (overrideSpecial)
          expect(count(text, /[^a-zA-Z0-9]/)).to.equal([...text].filter((one) => overrideSpecial.includes(one)).length);
      }),
      { numRuns: 50 },
    );
    const digits = await made("RandomString", { length: 40, lower: false, upper: false, special: false });
    expect(digits.outputs.result).to.match(/^[0-9]{40}$/);
    const oldName = await made("RandomString", { length: 40, upper: false, special: false, number: false });
    expect(oldName.outputs.result).to.match(/^[a-z]{40}$/);
  });

  it("hides passwords and random bytes, and shows names", async () => {
    const password = await made("RandomPassword", { length: 12 });
    expect(isSecret(password.wrapped.result)).to.equal(true);
    expect(password.id).to.equal("none");
    const bytes = await made("RandomBytes", { length: 8 });
    expect(isSecret(bytes.wrapped.hex)).to.equal(true);
    expect(Buffer.from(String(bytes.outputs.base64), "base64").toString("hex")).to.equal(bytes.outputs.hex);
    expect(isSecret((await made("RandomPet", {})).wrapped.result)).to.equal(false);
  });

  it("writes one identifier in several forms", async () => {
    const { id, outputs } = await made("RandomId", { byteLength: 6, prefix: "p-" });
    const bytes = Buffer.from(String(outputs.hex).slice(2), "hex");
    expect(bytes).to.have.length(6);
    expect(outputs.b64Url).to.equal(`p-${bytes.toString("base64url")}`);
    expect(outputs.dec).to.equal(`p-${BigInt(`0x${bytes.toString("hex")}`)}`);
    expect(id).to.equal(outputs.b64Url);
  });

  it("makes well-formed UUIDs of each version", async () => {
    expect((await made("RandomUuid", {})).outputs.result).to.match(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    const seven = String((await made("RandomUuid7", {})).outputs.result);
    expect(seven).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Math.abs(Date.now() - parseInt(seven.replace("-", "").slice(0, 12), 16))).to.be.below(10_000);
  });

  it("names pets with the wished number of words", async () => {
    expect((await made("RandomPet", {})).id).to.match(/^[a-z]+-[a-z]+$/);
    expect((await made("RandomPet", { length: 4, separator: "_", prefix: "x" })).id).to.match(/^x(_[a-z]+){4}$/);
  });

  it("repeats what has a seed", async () => {
    const wishes = { inputs: ["a", "b", "c", "d", "e", "f"], seed: "s", resultCount: 8 };
    const [one, other] = [await made("RandomShuffle", wishes), await made("RandomShuffle", wishes)];
    expect(one.outputs.results).to.deep.equal(other.outputs.results).and.to.have.length(8);
    const different = await made("RandomShuffle", { ...wishes, seed: "t" });
    expect(different.outputs.results).to.not.deep.equal(one.outputs.results);
  });

  it("shows the inputs in a preview, and leaves the result unknown", async () => {
    const { id, outputs } = await made("RandomPassword", { length: 12 }, true);
    expect(id).to.equal("");
    expect(outputs).to.include({ length: 12, result: unknown });
    expect(hasUnknown(outputs)).to.equal(true);
  });

  it("replaces when an input changes, and only then", async () => {
    const call = callOf(typeOf("RandomPassword"));
    const { inputs } = await check("RandomPassword", { length: 12, keepers: { epoch: "1" } });
    const change = { oldInputs: inputs, oldOutputs: {}, ignoreChanges: [] };
    expect((await provider.diff(call, "none", { ...change, newInputs: inputs })).changes).to.equal(false);
    const next = await provider.diff(call, "none", { ...change, newInputs: { ...inputs, keepers: { epoch: "2" } } });
    expect(next.replaces).to.deep.equal(["keepers.epoch"]);
  });

  it("rejects other types", async () => {
    await provider.check(callOf("random:index/randomCat:RandomCat"), undefined, {}).then(
      () => expect.fail("accepted"),
      (error: Error) => expect(error.message).to.contain("RandomCat"),
    );
  });
});

describe("random sources", () => {
  it("draw every number below a bound, about equally often", () => {
    const draws = 6000;
    const seen = new Array<number>(6).fill(0);
    for (let draw = 0; draw < draws; draw++) (seen[below(6, seededSource(`draw ${draw}`))] as number)++;
    for (const times of seen) expect(times).to.be.within(850, 1150); // five standard deviations
  });

  it("shuffle without loss", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (items) => {
        expect(shuffled(items, systemSource).sort()).to.deep.equal([...items].sort());
      }),
    );
  });
});
