/** What this stack's last update left in its own state: the only way to see that a setting changed. */
import * as pulumi from "@pulumi/pulumi";

/** One resource of the stack's state. */
export interface KnownResource {
  type: string;
  outputs: Readonly<Record<string, unknown>>;
}

/** The state before this update; empty before the first one. */
export interface OwnState {
  /** Outputs of the stack. */
  outputs: Readonly<Record<string, unknown>>;
  resources: readonly KnownResource[];
}

interface Answer {
  outputs?: Record<string, unknown>;
}

/**
 * Reads it through the engine, which has just opened the same state: no further credentials, and no other stack's state.
 * @throws if the engine cannot; a program that guessed could replace every object of a cluster
 */
export async function ownState(): Promise<OwnState> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const ask = (token: string, args: object): Promise<Answer> => pulumi.runtime.invoke(`pulumi:pulumi:${token}`, args);
  try {
    const { outputs = {} } = await ask("readStackOutputs", { name });
    // The engine stops with an error of its own if it is asked for the resources of an empty state.
    if (Object.keys(outputs).length === 0) return { outputs, resources: [] };
    const { outputs: resources = {} } = await ask("readStackResourceOutputs", { stackName: name });
    return { outputs, resources: Object.values(resources) as KnownResource[] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new pulumi.RunError(
      `stack ${name}: cannot read its own state, so changes that must be refused would go unnoticed: ${reason}`,
    );
  }
}

/** The resources of one type. */
export const knownOf = ({ resources }: OwnState, type: string): KnownResource[] =>
  resources.filter((resource) => resource.type === type);
