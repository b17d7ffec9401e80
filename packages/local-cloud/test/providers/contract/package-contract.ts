/** What Pulumi's engine demands of a provider package as a whole, whichever plugin serves it. */
import { expect } from "chai";
import { equal } from "../../../providers/values.ts";
import type { Json, Properties } from "../../../providers/values.ts";
import { failureOf, ResourceDriver } from "./resource-driver.ts";
import type { WireProvider } from "./wire-provider.ts";

export interface PackageCase {
  provider(): WireProvider;
  /** Version of the SDK package. */
  version: string;
  /** Arguments of an instance that are valid, and ones that are not, where there are any. */
  config(): Properties;
  badConfig?: { config: Properties; property: string };
  /** Arguments of instances: the change replaces these of them, and with them every resource of the instance. */
  replacements?: { before: Properties; after: Properties; replaces: string[] }[];
  /** A function with its arguments and an output; none for packages without functions. */
  invoke?: { token: string; args: Properties; output: string; value: Json };
}

/** Registers what the engine demands of a package as a whole. */
export function describePackage(title: string, one: PackageCase): void {
  const { provider, version, config, badConfig, replacements = [], invoke } = one;
  const context = { config: {}, preview: false, signal: new AbortController().signal, report: () => undefined };
  describe(title, () => {
    it("has the version of its SDK", () => {
      expect(provider().version.replace(/^v/, "")).to.equal(version);
    });

    it("checks the arguments of an instance", async () => {
      expect(await provider().configFailures(config())).to.deep.equal([]);
      if (!badConfig) return;
      const failures = await provider().configFailures({ ...config(), ...badConfig.config });
      expect(failures.map(({ property }) => property).join(" ")).to.contain(badConfig.property);
    });

    for (const { before, after, replaces } of replacements)
      it(`replaces ${replaces.join() || "nothing"} if ${Object.keys(after).join()} changes`, async () => {
        const diff = await provider().configDiff({ ...config(), ...before }, { ...config(), ...after });
        expect(diff).to.deep.include({ changes: true, replaces });
      });

    it("refuses a type that it does not have, by name", async () => {
      const driver = new ResourceDriver(provider(), {});
      const type = `${provider().package}:index/nothing:Nothing`;
      expect((await failureOf(driver.check(type, "thing", {}))).message).to.contain("othing");
    });

    it("refuses a function that it does not have", async () => {
      const answer = await provider()
        .invoke(context, `${provider().package}:index/getNothing:getNothing`, {})
        .catch((error: Error) => ({ failures: [{ property: "", reason: error.message }] }));
      expect("failures" in answer ? answer.failures : []).to.have.length(1);
    });

    if (invoke)
      it("answers a function", async () => {
        const answer = await provider().invoke(context, invoke.token, invoke.args);
        expect("outputs" in answer && equal(answer.outputs[invoke.output], invoke.value)).to.equal(true);
      });

    it("goes on after a cancelled operation", async () => {
      await provider().cancel();
      expect(await provider().configFailures(config())).to.deep.equal([]);
    });
  });
}
