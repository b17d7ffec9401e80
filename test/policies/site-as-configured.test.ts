import { expect } from "chai";
import { siteAsConfigured as policy } from "../../policies/site-as-configured.ts";
import { worstCaseLossWithinRpo } from "../../policies/worst-case-loss-within-rpo.ts";
import { labels, type Role, type SiteName } from "../../contract/index.ts";
import { renamed, set, violations, without, type Change } from "./support.ts";

const namespace = "kubernetes:core/v1:Namespace";

const labelled =
  (label: string, value: string | undefined): Change =>
  (resources) => {
    const { metadata } = resources.find(({ type }) => type === namespace)!.props as {
      metadata: { labels: Record<string, string> };
    };
    if (value === undefined) delete metadata.labels[label];
    else metadata.labels[label] = value;
  };

describe("policy site-as-configured", () => {
  it("is mandatory", () => {
    expect(policy.enforcementLevel).to.equal("mandatory");
  });

  const good: [SiteName, Role][] = [
    ["primary", "active"],
    ["primary", "isolated"],
    ["alternate", "standby"],
    ["alternate", "active"],
  ];
  for (const stack of good) {
    it(`passes the program's own ${stack.join(" site, ")}`, async () => {
      expect(await violations(policy, stack)).to.be.empty;
    });
  }

  const cases: [string, Change, RegExp][] = [
    [
      "another site's label",
      labelled(labels.site, "alternate"),
      /^vapora: label continuity.vapora\/site is alternate, the stack's configuration has primary; let the Site/,
    ],
    ["another role's label", labelled(labels.role, "standby"), /role is standby, the stack's configuration has active/],
    ["a label with any other text", labelled(labels.role, "passive"), /role is passive/],
    ["no label", labelled(labels.site, undefined), /site is missing, the stack's configuration has primary/],
    ["no namespace", without(namespace, "vapora"), /^0 namespaces "vapora" of type .+; deploy one Site/],
    ["a renamed type", renamed(namespace), /^0 namespaces "vapora"/],
  ];

  for (const [what, change, message] of cases) {
    it(`stops ${what}`, async () => {
      const reported = await violations(policy, ["primary", "active"], change);
      expect(reported.map((violation) => violation.message).join("\n")).to.match(message);
    });
  }

  for (const key of ["site", "role"]) {
    it(`stops a configuration without a ${key}`, async () => {
      const reported = await violations(policy, ["primary", "active"], () => undefined, { [key]: "" });
      expect(reported.map(({ message }) => message).join()).to.match(
        new RegExp(`vapora-continuity:${key} is missing, but must be .+; set it to `),
      );
    });
  }

  it("does not affect other rules: the active site's exports run although the label is standby", async () => {
    const change: Change = (resources) => {
      labelled(labels.role, "standby")(resources);
      set("kubernetes:batch/v1:CronJob", "export", "spec.suspend", true)(resources);
    };
    const reported = await violations(worstCaseLossWithinRpo, ["primary", "active"], change);
    expect(reported.map(({ message }) => message).join()).to.match(/export is suspended on the active site/);
  });

  it("stops anything in a cluster in the shared stack, whose jobs no rule would judge", async () => {
    expect(await violations(policy, ["shared"])).to.be.empty;
    const reported = await violations(policy, ["primary", "active"], undefined, { site: "shared" });
    expect(reported.map(({ message }) => message)).to.include(
      "export: a resource of type kubernetes:batch/v1:CronJob, but the stack's configuration has site shared, which deploys " +
        "nothing to a cluster; deploy it in the site's stack, or correct the configuration",
    );
  });
});
