/**
 * An existing stack previews unchanged: its resources keep their URNs and inputs. Intended changes are recorded with
 * `npm run deployed:record`, whose diff shows the affected resources.
 */
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { deployedDigest, stacks } from "../../support/deployed-digest.ts";

const recorded = JSON.parse(readFileSync(new URL("deployed.json", import.meta.url), "utf8")) as Record<string, unknown>;

describe("an existing stack", () => {
  for (const stack of stacks) {
    it(`previews unchanged as ${stack.join(", ")}`, async () => {
      expect(await deployedDigest(...stack)).to.deep.equal(recorded[stack.join(" ")]);
    });
  }
});
