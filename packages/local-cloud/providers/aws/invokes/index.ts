/** Functions that a program may call. All are answered here: none makes a call to AWS. */
import type { InvokeResult } from "../../provider.ts";
import { hasUnknown, plainObject, unknown, type Properties } from "../../values.ts";
import { nearest } from "../sdk-types/nearest.ts";
import type { FunctionContext, FunctionKind } from "./function-kind.ts";
import { identity } from "./identity.ts";
import { zones } from "./zones.ts";

const functions = new Map<string, FunctionKind>([...identity, ...zones].map((kind) => [kind.token, kind]));

export function invokeFunction(context: FunctionContext, token: string, args: Properties): InvokeResult {
  const kind = functions.get(token);
  if (!kind)
    return failure("", `the local AWS provider has no function ${token}; it has ${[...functions.keys()].join(", ")}`);
  const bare = plainObject(args);
  const strange = Object.keys(bare).filter((name) => !kind.arguments.includes(name));
  if (strange.length > 0) {
    return {
      failures: strange.map((name) => {
        const near = nearest(name, kind.arguments);
        return { property: name, reason: `${token} takes no ${name}${near ? `; did you mean ${near}?` : ""}` };
      }),
    };
  }
  if (hasUnknown(bare)) return { outputs: unknownOutputs(kind) };
  try {
    return { outputs: kind.run(context, bare) };
  } catch (error) {
    return failure("", `${token}: ${(error as Error).message}`);
  }
}

const failure = (property: string, reason: string): InvokeResult => ({ failures: [{ property, reason }] });

/** What a preview cannot know yet. */
const unknownOutputs = ({ outputs }: FunctionKind): Properties =>
  Object.fromEntries(outputs.map((name) => [name, unknown]));
