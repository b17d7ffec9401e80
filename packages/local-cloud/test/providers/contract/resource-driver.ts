/** Drives one resource through check, diff, create, update, read and delete in the order of the real engine. */
import type { LocalProvider } from "../../../providers/provider.ts";
import type { DiffResult } from "../../../providers/provider.ts";
import type { Properties } from "../../../providers/values.ts";
import { callOf } from "../support.ts";

export interface State {
  type: string;
  name: string;
  id: string;
  inputs: Properties;
  outputs: Properties;
}

export class Refused extends Error {
  readonly properties: string[];

  constructor(failures: { property: string; reason: string }[]) {
    super(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
    this.properties = failures.map(({ property }) => property);
  }
}

export class ResourceDriver {
  readonly #provider: LocalProvider;
  readonly #config: Properties;

  constructor(provider: LocalProvider, config: Properties = { region: "eu-west-1" }) {
    this.#provider = provider;
    this.#config = config;
  }

  /** The same provider through an instance with other arguments. */
  with(config: Properties): ResourceDriver {
    return new ResourceDriver(this.#provider, { ...this.#config, ...config });
  }

  call = (type: string, name: string, preview = false) =>
    callOf(type, { urn: `urn:pulumi:test::test::${type}::${name}`, name, preview, config: this.#config });

  async check(type: string, name: string, inputs: Properties, old?: State): Promise<Properties> {
    const result = await this.#provider.check(this.call(type, name), old?.inputs, inputs);
    if (result.failures?.length) throw new Refused(result.failures);
    return result.inputs;
  }

  async create(type: string, name: string, inputs: Properties): Promise<State> {
    const checked = await this.check(type, name, inputs);
    const { id, outputs } = await this.#provider.create(this.call(type, name), checked);
    return { type, name, id, inputs: checked, outputs };
  }

  async previewCreate(type: string, name: string, inputs: Properties): Promise<Properties> {
    const checked = await this.check(type, name, inputs);
    return (await this.#provider.create(this.call(type, name, true), checked)).outputs;
  }

  async diff(old: State, inputs: Properties): Promise<DiffResult> {
    return this.#provider.diff(this.call(old.type, old.name), old.id, await this.#change(old, inputs));
  }

  async update(old: State, inputs: Properties, preview = false): Promise<State> {
    const change = await this.#change(old, inputs);
    const { outputs } = await this.#provider.update(this.call(old.type, old.name, preview), old.id, change);
    return { ...old, inputs: change.newInputs, outputs };
  }

  async refresh(old: State): Promise<State | undefined> {
    const state = { oldInputs: old.inputs, oldOutputs: old.outputs };
    const found = await this.#provider.read(this.call(old.type, old.name), old.id, state);
    return found && { ...old, ...found };
  }

  async import(type: string, name: string, id: string): Promise<State | undefined> {
    const found = await this.#provider.read(this.call(type, name), id, { oldInputs: {}, oldOutputs: {} });
    return found && { type, name, ...found };
  }

  async delete(old: State): Promise<void> {
    const state = { oldInputs: old.inputs, oldOutputs: old.outputs };
    await this.#provider.delete(this.call(old.type, old.name), old.id, state);
  }

  async #change(old: State, inputs: Properties) {
    const newInputs = await this.check(old.type, old.name, inputs, old);
    return { oldInputs: old.inputs, oldOutputs: old.outputs, newInputs, ignoreChanges: [] };
  }
}

/** What a promise fails with; fails when it does not. */
export async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}
