/** Validates inputs and sets kind and name. */
import type { CheckFailure, CheckResult, ProviderCall } from "../provider.ts";
import { isObject, isSecret, plain, secret, unknown, type Json, type JsonObject, type Properties } from "../values.ts";
import { annotationOf, annotations, autoname, kindOf, member } from "./objects.ts";
import { waitForPattern } from "./readiness.ts";

export async function check(
  call: ProviderCall,
  oldInputs: Properties | undefined,
  newInputs: Properties,
): Promise<CheckResult> {
  const inputs: Properties = { ...kindOf(call.type), ...newInputs };
  const metadata = plain(inputs.metadata ?? {});
  if (metadata === unknown) return { inputs };
  const { name, generateName } = isObject(metadata) ? metadata : {};
  if (name === undefined && generateName === undefined) {
    inputs.metadata = named(inputs.metadata ?? {}, oldAutoname(oldInputs) ?? autoname(call.name));
  }
  const failures = findProblems(plain(inputs) as JsonObject);
  return { inputs, failures };
}

/** Keeps a generated name; for a replacement, the engine passes no old inputs. */
function oldAutoname(oldInputs: Properties | undefined): string | undefined {
  const old = plain(oldInputs ?? {}) as JsonObject;
  const name = member(old, "metadata", "name");
  return annotationOf(old, annotations.autonamed) === "true" && typeof name === "string" ? name : undefined;
}

function named(metadata: Json, name: string): Json {
  if (isSecret(metadata)) return secret(named(plain(metadata), name));
  const members = isObject(metadata) ? metadata : {};
  const own =
    isObject(members.annotations) && !isSecret(members.annotations)
      ? members.annotations
      : plain(members.annotations ?? {});
  return { ...members, name, annotations: { ...(isObject(own) ? own : {}), [annotations.autonamed]: "true" } };
}

function findProblems(object: JsonObject): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const refuse = (property: string, reason: string) => failures.push({ property, reason });
  if (member(object, "metadata", "generateName") !== undefined) {
    refuse("metadata.generateName", "is not supported with server-side apply; omit it for a generated name");
  }
  const timeout = annotationOf(object, annotations.timeoutSeconds);
  if (timeout !== undefined && timeout !== unknown && !(Number(timeout) > 0)) {
    refuse(
      `metadata.annotations["${annotations.timeoutSeconds}"]`,
      `must be a positive number of seconds, but is ${JSON.stringify(timeout)}`,
    );
  }
  const waitFor = annotationOf(object, annotations.waitFor);
  if (waitFor !== undefined && waitFor !== unknown && !waitForPattern.test(waitFor)) {
    refuse(
      `metadata.annotations["${annotations.waitFor}"]`,
      `must be condition=TYPE[=STATUS] for the local Kubernetes provider, but is ${JSON.stringify(waitFor)}`,
    );
  }
  const propagation = annotationOf(object, annotations.deletionPropagationPolicy);
  if (propagation !== undefined && propagation !== unknown && !/^(foreground|background|orphan)$/i.test(propagation)) {
    refuse(
      `metadata.annotations["${annotations.deletionPropagationPolicy}"]`,
      `must be foreground, background or orphan, but is ${JSON.stringify(propagation)}`,
    );
  }
  return failures;
}
