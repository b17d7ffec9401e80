import { labels } from "../contract/index.ts";
import { ofType, stackRule, stackSetting, textAt, types, withText, type Found, type Report } from "./reading/index.ts";

/**
 * Fails closed: operators, commands and dashboards rely on the namespace's labels, so labels that differ from the
 * stack's configuration are a violation. No other rule relies on them. The shared stack deploys nothing to a cluster, or a
 * site could avoid the rules about its jobs.
 */
export const siteAsConfigured = stackRule({
  name: "site-as-configured",
  description: "The stack deploys the site and the role that its configuration names.",
  check: (resources, report) => {
    const part = stackSetting("site");
    if (part === "shared") return checkWithoutSite(resources, report);
    const namespace = stackSetting("namespace");
    const wanted = { [labels.site]: part, [labels.role]: stackSetting("role") };
    const namespaces = withText(ofType(resources, types.namespace), "metadata.name", namespace);
    if (namespaces.length !== 1) {
      report(
        `${namespaces.length} namespaces "${namespace}" of type ${types.namespace}, exactly one is needed; deploy one ` +
          `Site, which creates and labels it`,
      );
    }
    for (const { name, urn, props } of namespaces) {
      for (const [label, value] of Object.entries(wanted)) {
        const given = textAt(props, ["metadata", "labels", label]);
        if (given === value) continue;
        report(
          `${name}: label ${label} is ${given ?? "missing"}, the stack's configuration has ${value}; let the Site label its ` +
            `namespace, or correct the configuration`,
          urn,
        );
      }
    }
  },
});

function checkWithoutSite(resources: readonly Found[], report: Report): void {
  for (const { type, name, urn } of resources) {
    if (!type.startsWith("kubernetes:")) continue;
    report(
      `${name}: a resource of type ${type}, but the stack's configuration has site shared, which deploys nothing to a ` +
        `cluster; deploy it in the site's stack, or correct the configuration`,
      urn,
    );
  }
}
