import { expect } from "chai";
import { backupStoreReplicatedAndLocked } from "../../policies/backup-store-replicated-and-locked.ts";
import { siteAsConfigured as policy } from "../../policies/site-as-configured.ts";
import { labels, type Role, type SiteName } from "../../contract/index.ts";
import { renamed, violations, without, type Change } from "./support.ts";

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

  it("does not affect other rules: the store is required although the label is alternate", async () => {
    const change: Change = (resources) => {
      labelled(labels.site, "alternate")(resources);
      const kept = resources.filter(({ type }) => !type.startsWith("aws:s3/"));
      resources.splice(0, resources.length, ...kept);
    };
    const reported = await violations(backupStoreReplicatedAndLocked, ["primary", "active"], change);
    expect(reported.map(({ message }) => message).join()).to.match(/0 resources of type .+; keep the BackupStore/);
  });
});
