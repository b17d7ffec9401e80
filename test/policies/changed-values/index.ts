/** The real program with some resource values changed, or unknown until deployment. */
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import { deployStack, readSettings } from "../../../components/stack/index.ts";
import { examplePlan } from "../../support/example-plan.ts";

/** A path in a resource and its new value; without a value it becomes unknown. */
interface Change {
  type: string;
  name: string;
  path: string[];
  value?: unknown;
}

const config = new pulumi.Config();
const changes = config.requireObject<Change[]>("changes");

/** Known after deployment only. */
const later = new RandomPassword("later", { length: 8 }).id;

const withValue = (at: unknown, [key, ...rest]: string[], value: unknown): unknown => {
  if (key === undefined) return value;
  const copy = (Array.isArray(at) ? [...at] : { ...(at as object) }) as Record<string, unknown>;
  copy[key] = withValue(copy[key], rest, value);
  return copy;
};

let made = 0;

pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
  const own = changes.filter((change) => change.type === type && change.name === name);
  made += own.length;
  const changed = own.reduce<unknown>(
    (all, { path, value }) => withValue(all, path, value === undefined ? later : value),
    props,
  );
  return { props: changed as typeof props, opts };
});

deployStack(readSettings(config), examplePlan());
if (made !== changes.length) throw new Error(`${made} of ${changes.length} changes found their resource`);
