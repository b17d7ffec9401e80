/** One resource of each type of `@pulumi/random`. */
import type { Properties } from "../../providers/values.ts";
import type { ResourceCase } from "./contract/resource-contract.ts";

const keepers = { keepers: { epoch: "1" } };

function randomCase(name: string, inputs: Properties, computed: string[], invalid?: string): ResourceCase<undefined> {
  const type = `random:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
  const { [invalid ?? ""]: _, ...rest } = inputs;
  return {
    type,
    computed,
    inputs: () => ({ ...inputs, ...keepers }),
    replaced: () => ({ ...inputs, keepers: { epoch: "2" } }),
    secret: { input: "keepers", output: "keepers" },
    ...(invalid !== undefined && { invalid: [{ inputs: () => rest, property: invalid }] }),
    staysReadable: true,
    notImportable: true,
  };
}

export const randomCases: ResourceCase<undefined>[] = [
  randomCase("RandomPassword", { length: 12, special: false }, ["result"], "length"),
  randomCase("RandomString", { length: 12 }, ["result"], "length"),
  randomCase("RandomId", { byteLength: 6 }, ["hex", "b64Url"], "byteLength"),
  randomCase("RandomBytes", { length: 6 }, ["hex", "base64"], "length"),
  randomCase("RandomInteger", { min: 1, max: 6 }, ["result"], "max"),
  randomCase("RandomShuffle", { inputs: ["a", "b"] }, ["results"], "inputs"),
  randomCase("RandomUuid", {}, ["result"]),
  randomCase("RandomPet", { length: 3 }, []),
];
