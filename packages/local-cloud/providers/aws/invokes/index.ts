/** Provider functions. */
import type { InvokeResult } from "../../provider.ts";
import { hasUnknown, plainObject, unknown, type Properties } from "../../values.ts";
import { nearest } from "../sdk-types/nearest.ts";
import { availabilityZones } from "./availability-zones.ts";
import type { FunctionContext, FunctionKind } from "./function-kind.ts";
import { identity } from "./identity.ts";
import { objects } from "./objects.ts";
import { zones } from "./zones.ts";

const functions = new Map<string, FunctionKind>(
  [...identity, ...objects, ...zones, ...availabilityZones].map((kind) => [kind.token, kind]),
);

export async function invokeFunction(context: FunctionContext, token: string, args: Properties): Promise<InvokeResult> {
  const kind = functions.get(token);
  if (!kind)
    return failure(
      "",
      `the local AWS provider has no function ${token}; use one of ${[...functions.keys()].join(", ")}`,
    );
  const bare = plainObject(args);
  const unknownNames = Object.keys(bare).filter((name) => !kind.arguments.includes(name));
  if (unknownNames.length > 0) {
    return {
      failures: unknownNames.map((name) => {
        const near = nearest(name, kind.arguments);
        return { property: name, reason: `${token} has no argument ${name}${near ? `; did you mean ${near}?` : ""}` };
      }),
    };
  }
  if (hasUnknown(bare)) return { outputs: unknownOutputs(kind) };
  try {
    return { outputs: await kind.run(context, bare) };
  } catch (error) {
    return failure("", `${token}: ${(error as Error).message}`);
  }
}

const failure = (property: string, reason: string): InvokeResult => ({ failures: [{ property, reason }] });

/** All outputs, as unknown. */
const unknownOutputs = ({ outputs }: FunctionKind): Properties =>
  Object.fromEntries(outputs.map((name) => [name, unknown]));
