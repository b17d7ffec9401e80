/** Resources that this provider created and has not deleted. */
import type { Properties } from "../values.ts";

export interface RecordedResource {
  /** Type token, e.g. `aws:route53/record:Record`. */
  type: string;
  /** Logical name in the program. */
  name: string;
  /** Provider-assigned id. */
  id: string;
  /** URN. */
  urn: string;
  /** Region; "global" for types without one. */
  region: string;
  /** Plain values: secrets are unwrapped. */
  inputs: Properties;
  /** Plain values: secrets are unwrapped. */
  outputs: Properties;
  /** True if it was created in the emulator, false if it is only recorded. */
  real: boolean;
}

export class Registry {
  /** Oldest first: a replacement coexists with its predecessor, with the same URN and possibly the same id. */
  readonly #byUrn = new Map<string, RecordedResource[]>();
  readonly #used = new Map<string, boolean>();

  use(type: string, real: boolean): void {
    this.#used.set(type, real);
  }

  types(real: boolean): string[] {
    return [...this.#used].flatMap(([type, isReal]) => (isReal === real ? [type] : [])).sort();
  }

  add(resource: RecordedResource): void {
    this.#byUrn.set(resource.urn, [...(this.#byUrn.get(resource.urn) ?? []), resource]);
  }

  /** Replaces the newest entry with this URN and id; adds a missing one. */
  change(resource: RecordedResource): void {
    const all = this.#byUrn.get(resource.urn) ?? [];
    const index = all.findLastIndex(({ id }) => id === resource.id);
    if (index < 0) this.add(resource);
    else this.#byUrn.set(resource.urn, all.with(index, resource));
  }

  remove(urn: string, id: string): void {
    const all = this.#byUrn.get(urn) ?? [];
    const index = all.findIndex((resource) => resource.id === id);
    const left = all.filter((_, position) => position !== index);
    if (left.length > 0) this.#byUrn.set(urn, left);
    else this.#byUrn.delete(urn);
  }

  resources(): RecordedResource[] {
    return [...this.#byUrn.values()].flat();
  }
}
