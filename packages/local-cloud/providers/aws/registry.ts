/** Everything that exists through this provider: created, and not deleted yet. */
import type { Properties } from "../values.ts";

export interface RecordedResource {
  /** Type token, e.g. `aws:route53/record:Record`. */
  type: string;
  /** Logical name in the program. */
  name: string;
  id: string;
  urn: string;
  /** Region that it belongs to; "global" for types that have none. */
  region: string;
  /** Plain: secrets are unwrapped. */
  inputs: Properties;
  outputs: Properties;
  /** True when it exists in AWS, false when it is a record only. */
  real: boolean;
}

export class Registry {
  /** A replacement lives beside the resource that it replaces, under the same URN and perhaps the same id: oldest first. */
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

  /** Takes the newest resource of that URN and id as changed; one that is not known yet is added. */
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
