/** Interface of resource type implementations. */
import type { Aws } from "./access.ts";
import type { CheckFailure } from "../provider.ts";
import type { Properties } from "../values.ts";

export interface Naming {
  /** Input that defaults to `<logical name>-<7 hexadecimal digits>`. */
  property: string;
  /** Maximum length. */
  maxLength: number;
  /** Input with a prefix for the generated name, if the type has one. */
  prefixProperty?: string | undefined;
  lowerCase?: true;
  /** Suffix of the generated name. */
  suffix?: (inputs: Properties) => string;
}

export interface Created {
  id: string;
  /** Outputs besides the inputs. */
  outputs?: Properties;
}

/** A resource type. Inputs and states are plain values; `tagsAll` includes the default tags, if the type has tags. */
export interface ResourceType {
  readonly token: string;
  /** Inputs whose change requires a replacement. */
  readonly immutable?: readonly string[];
  readonly naming?: Naming | undefined;
  /** Default outputs. */
  readonly defaults?: Properties | undefined;
  /** Outputs that are unknown in the preview of an update. */
  readonly changing?: readonly string[];
  /** Validates what the SDK's types allow but AWS rejects. */
  problems?: ((inputs: Properties) => CheckFailure[]) | undefined;
  create(aws: Aws, inputs: Properties): Promise<Created>;
  /** Current inputs and outputs; undefined if the resource is gone. `known` is empty in an import. */
  read(aws: Aws, id: string, known: Properties): Promise<Properties | undefined>;
  /** Returns changed outputs. Absent if every input is immutable. */
  update?(aws: Aws, id: string, inputs: Properties, before: Properties): Promise<Properties | void>;
  delete(aws: Aws, id: string, state: Properties): Promise<void>;
}

/** The resource was created, but a later step failed. */
export class PartiallyCreated extends Error {
  readonly id: string;
  readonly outputs: Properties;

  constructor(id: string, outputs: Properties, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = cause instanceof Error ? cause.name : "PartiallyCreated";
    this.id = id;
    this.outputs = outputs;
  }
}

/** Runs the later steps of a creation, so that the resource stays in Pulumi's state if one fails. */
export async function finish(created: Required<Created>, steps: () => Promise<unknown>): Promise<Required<Created>> {
  try {
    await steps();
    return created;
  } catch (error) {
    throw new PartiallyCreated(created.id, created.outputs, error);
  }
}
