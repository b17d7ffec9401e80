/** What a service's module says of each resource type that it knows. */
import type { Aws } from "./access.ts";
import type { CheckFailure } from "../provider.ts";
import type { Properties } from "../values.ts";

export interface Naming {
  /** Input that gets `<logical name>-<7 hexadecimal digits>` where the program gives none. */
  property: string;
  /** Longest name that the service takes. */
  maxLength: number;
  /** Input with the beginning of a generated name, where the type has one. */
  prefixProperty?: string | undefined;
  lowerCase?: true;
  /** What the generated name ends with. */
  suffix?: (inputs: Properties) => string;
}

export interface Created {
  id: string;
  /** Outputs besides the inputs. */
  outputs?: Properties;
}

/**
 * One resource type. Inputs and states are plain values; where the type has
 * tags, `tagsAll` among them holds all of them, the provider's own included.
 */
export interface ResourceType {
  readonly token: string;
  /** Inputs that no call can change: another value needs another resource. */
  readonly immutable?: readonly string[];
  readonly naming?: Naming | undefined;
  /** Outputs of a resource whose program says nothing about them. */
  readonly defaults?: Properties | undefined;
  /** Outputs that an update gives a value which nobody can know before. */
  readonly changing?: readonly string[];
  /** What AWS would refuse, though the SDK's types allow it. */
  problems?: ((inputs: Properties) => CheckFailure[]) | undefined;
  create(aws: Aws, inputs: Properties): Promise<Created>;
  /** Inputs and outputs as they are in AWS now; `undefined` when the resource is gone. `known` is empty in an import. */
  read(aws: Aws, id: string, known: Properties): Promise<Properties | undefined>;
  /** Answers with outputs that the change gave another value. Left out where every input is immutable. */
  update?(aws: Aws, id: string, inputs: Properties, before: Properties): Promise<Properties | void>;
  delete(aws: Aws, id: string, state: Properties): Promise<void>;
}

/** The resource was made, but could not be brought to the wanted state. */
export class Unfinished extends Error {
  readonly id: string;
  readonly outputs: Properties;

  constructor(id: string, outputs: Properties, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = cause instanceof Error ? cause.name : "Unfinished";
    this.id = id;
    this.outputs = outputs;
  }
}

/** Takes the further steps of a creation, so that a failing one leaves the resource in Pulumi's state. */
export async function finish(created: Required<Created>, steps: () => Promise<unknown>): Promise<Required<Created>> {
  try {
    await steps();
    return created;
  } catch (error) {
    throw new Unfinished(created.id, created.outputs, error);
  }
}
