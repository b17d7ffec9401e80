/**
 * What Pulumi's engine demands of every custom resource, whichever plugin manages it. The local providers and, where they
 * are installed, the official ones pass the same suite.
 */
import { expect } from "chai";
import { hasSecret, hasUnknown, plainObject, secret, unknown } from "../../../providers/values.ts";
import type { Json, Properties } from "../../../providers/values.ts";
import { failureOf, Refused, ResourceDriver, type State } from "./resource-driver.ts";

export interface Mistake {
  /** `good`: the ordinary inputs. */
  inputs(good: Properties): Properties;
  /** Property that `check` names. */
  property: string;
}

export interface ResourceCase<World> {
  type: string;
  /** An ordinary resource, with a name of its own. */
  inputs(world: World): Properties;
  /** A change that is made in place; absent for types that every change replaces. */
  changed?(world: World): Properties;
  /** A change that needs another resource. */
  replaced?(world: World): Properties;
  /** Outputs that must be there, besides the inputs. */
  outputs?(world: World): Properties;
  /** Outputs that are unknown in a preview of the creation. */
  computed: string[];
  /** Mistakes that `check` refuses: changes of the ordinary inputs, and the property that it names. */
  invalid?: Mistake[];
  /** Inputs that only the cloud refuses, in the preview already. */
  rejected?(world: World): Properties;
  /** Input that a program may give as a secret, and output that must be secret then. */
  secret?: { input: string; output: string };
  /** True where a second resource of these inputs is refused. */
  exclusive?: true;
  /** True where a read after the deletion still finds something: settings that cannot be removed, records in the state. */
  staysReadable?: true;
  /** True where the resource exists in the state only, so that its id alone finds nothing. */
  notImportable?: true;
  /** True for the second provider instance, e.g. another region. */
  far?: true;
}

/** A provider under test with what its cases need. */
export interface Stage<World> {
  near: ResourceDriver;
  /** Another instance of the provider. */
  far: ResourceDriver;
  world: World;
  /** Number of requests that reached the cloud, where they can be counted. */
  requests?(): number;
  /** Number of requests that may have changed something in the cloud. */
  writes?(): number;
  close(): Promise<void>;
}

/** Registers the suite: one group of tests for each case, in the order of a resource's life. */
export function describeResources<World>(
  title: string,
  cases: readonly ResourceCase<World>[],
  open: () => Promise<Stage<World>>,
): void {
  describe(title, function () {
    this.timeout(60_000);
    let stage: Stage<World>;
    before(async () => (stage = await open()));
    after(() => stage?.close());
    for (const one of cases) describe(one.type, () => describeResource(one, () => stage));
  });
}

function describeResource<World>(one: ResourceCase<World>, stage: () => Stage<World>): void {
  const name = "case";
  let driver: ResourceDriver;
  let world: World;
  let inputs: Properties;
  let state: State;
  before(() => {
    ({ world } = stage());
    driver = one.far ? stage().far : stage().near;
    inputs = one.inputs(world);
  });
  const refreshed = async (): Promise<State> => {
    const found = await driver.refresh(state);
    if (!found) throw new Error("it is gone");
    return found;
  };
  const differs = async (old: State, wanted: Properties) => (await driver.diff(old, wanted)).detailed ?? {};
  const counted = (count: (() => number) | undefined): number => count?.() ?? 0;

  it("check accepts the inputs, and its own result unchanged", async () => {
    const checked = await driver.check(one.type, name, inputs);
    for (const [key, value] of Object.entries(inputs))
      if (key !== "metadata") expect(checked[key]).to.deep.equal(value);
    const again = await driver.check(one.type, name, inputs, {
      type: one.type,
      name,
      id: "",
      inputs: checked,
      outputs: {},
    });
    expect(again).to.deep.equal(checked);
  });

  it("check accepts unknown values", async () => {
    for (const key of Object.keys(inputs)) {
      const checked = await driver.check(one.type, name, { ...inputs, [key]: unknown });
      expect(hasUnknown(checked[key]), key).to.equal(true);
    }
  });

  const { invalid = [], rejected, secret: secrecy } = one;
  for (const mistake of invalid)
    it(`check refuses a wrong ${mistake.property}`, () => expectRefusal(driver, one.type, inputs, mistake));

  if (rejected)
    it("a preview refuses what the cloud would refuse, and so does the creation", async () => {
      await failureOf(driver.previewCreate(one.type, name, rejected(world)));
      await failureOf(driver.create(one.type, name, rejected(world)));
    });

  it("a preview creates nothing, shows the inputs and leaves open what only the cloud decides", async () => {
    const before = counted(stage().writes);
    const outputs = await driver.previewCreate(one.type, name, inputs);
    for (const path of one.computed) expect(at(outputs, path), path).to.equal(unknown);
    for (const key of Object.keys(inputs)) expect(outputs, key).to.have.property(key);
    expect(counted(stage().writes)).to.equal(before);
  });

  it("a preview accepts unknown inputs, and leaves them unknown", async () => {
    for (const key of Object.keys(inputs)) {
      const outputs = await driver.previewCreate(one.type, name, { ...inputs, [key]: unknown });
      expect(hasUnknown(outputs[key]), key).to.equal(true);
    }
  });

  it("creates it, and reads it back as the program has it", async () => {
    state = await driver.create(one.type, name, inputs);
    expect(state.id).not.to.equal("");
    expect(hasUnknown(state.outputs), "nothing is unknown any more").to.equal(false);
    expect(plainObject(state.outputs)).to.deep.include(one.outputs?.(world) ?? {});
    const found = await refreshed();
    expect(found.id).to.equal(state.id);
    expect(await differs(found, inputs)).to.deep.equal({});
    const had = plainObject(state.outputs);
    for (const [key, value] of Object.entries(plainObject(found.outputs)))
      if (had[key] !== undefined && key !== "metadata") expect(value, key).to.deep.equal(had[key]);
  });

  it("finds no difference, and sends no request, where nothing changes", async () => {
    const before = counted(stage().requests);
    expect(await driver.diff(state, inputs)).to.include({ changes: false });
    expect(counted(stage().requests)).to.equal(before);
  });

  it("treats an unknown value as a change", async () => {
    for (const key of Object.keys(inputs))
      expect(await driver.diff(state, { ...inputs, [key]: unknown }), key).to.include({ changes: true });
  });

  if (!one.notImportable)
    it("finds it by its id alone", async () => {
      const found = await driver.import(one.type, name, state.id);
      expect(found?.id).to.equal(state.id);
      expect(Object.keys(found?.outputs ?? {})).not.to.deep.equal([]);
    });

  if (one.exclusive)
    it("does not take over what exists", async () => {
      await failureOf(driver.create(one.type, "other", inputs));
      expect(await differs(await refreshed(), inputs)).to.deep.equal({});
    });

  const { changed, replaced } = one;
  if (changed) describeChanges();
  if (replaced)
    it("announces a replacement where no update is possible", async () => {
      const diff = await driver.diff(state, replaced(world));
      expect(diff.changes).to.equal(true);
      expect(diff.replaces).not.to.deep.equal([]);
    });

  if (secrecy)
    it("keeps a secret input secret in its state, also after a refresh", async () => {
      const { input, output } = secrecy;
      const hidden = { ...inputs, [input]: secret(inputs[input] ?? "") };
      const [checked, preview] = [
        await driver.check(one.type, name, hidden),
        await driver.previewCreate(one.type, name, hidden),
      ];
      expect([hasSecret(checked[input]), hasSecret(preview[input])]).to.deep.equal([true, true]);
      if (!changed) return;
      state = await driver.update(state, hidden);
      expect(hasSecret(state.outputs[output])).to.equal(true);
      expect(hasSecret((await refreshed()).outputs[output])).to.equal(true);
    });

  it("deletes it, and deleting it twice does no harm", async () => {
    await driver.delete(state);
    if (!one.staysReadable) expect(await driver.refresh(state)).to.equal(undefined);
    await driver.delete(state);
  });

  function describeChanges(): void {
    const wanted = (): Properties => (changed as NonNullable<typeof changed>)(world);

    it("previews a change without making it", async () => {
      const before = counted(stage().writes);
      const preview = await driver.update(state, wanted(), true);
      expect(preview.id).to.equal(state.id);
      expect(counted(stage().writes)).to.equal(before);
      if (!one.staysReadable) expect(await differs(await refreshed(), inputs)).to.deep.equal({});
    });

    it("shows drift when something else changed it, then brings it back", async () => {
      await driver.update(state, wanted());
      const drifted = await refreshed();
      if (one.notImportable) return void (state = await driver.update(drifted, inputs));
      expect((await driver.diff(drifted, inputs)).changes).to.equal(true);
      state = await driver.update(drifted, inputs);
      expect(await differs(await refreshed(), inputs)).to.deep.equal({});
    });

    it("changes in place", async () => {
      const diff = await driver.diff(state, wanted());
      expect(diff.replaces).to.deep.equal([]);
      expect(diff.changes).to.equal(true);
      expect(Object.keys(diff.detailed ?? {})).not.to.deep.equal([]);
      const { id } = state;
      state = await driver.update(state, wanted());
      expect(state.id).to.equal(id);
      expect(await differs(await refreshed(), wanted())).to.deep.equal({});
      state = await driver.update(state, inputs);
      expect(await differs(await refreshed(), inputs)).to.deep.equal({});
    });
  }
}

/** Expects `check` to accept the inputs and to refuse them with the mistake, by property. */
export async function expectRefusal(driver: ResourceDriver, type: string, good: Properties, mistake: Mistake) {
  await driver.check(type, "case", good);
  const failure = await failureOf(driver.check(type, "case", mistake.inputs(good)));
  expect(failure).to.be.instanceOf(Refused);
  expect((failure as Refused).properties.join(" ")).to.contain(mistake.property);
}

/** The value at a path of names. */
const at = (properties: Properties, path: string): Json | undefined =>
  path.split(".").reduce<Json | undefined>((value, key) => {
    const inner = value !== null && typeof value === "object" && !Array.isArray(value) ? value[key] : undefined;
    return value === unknown ? unknown : inner;
  }, properties);
