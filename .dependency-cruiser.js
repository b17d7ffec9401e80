// Who may import whom: every directory stands on the ones below it, and the table of who owns what shows in the path.
const product = ["plan", "contract", "components", "policies", "jobs", "continuity", "drill"];
/** Forbids `from` every directory of the product that is not in `may`. */
const standsOn = (from, may, comment) => ({
  name: `${from}-stands-on-${may.join("-") || "nothing"}`,
  comment,
  severity: "error",
  from: { path: `^${from}/` },
  to: { path: `^(${product.filter((name) => name !== from && !may.includes(name)).join("|")})/` },
});

export default {
  forbidden: [
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    standsOn("plan", [], "The plan is about promises: nothing of AWS, Kubernetes or Pulumi."),
    standsOn("contract", ["plan"], "What the others must agree on cannot depend on them."),
    standsOn("components", ["plan", "contract"], "Components deploy; they neither run jobs nor know of commands."),
    standsOn("policies", ["plan", "contract"], "A policy that imported a component would agree with its mistakes."),
    standsOn("jobs", ["plan", "contract"], "Jobs run in containers, without Pulumi."),
    standsOn("continuity", ["plan", "contract", "jobs"], "Commands drive the stacks through the engine."),
    {
      name: "pulumi-stays-out",
      comment: "Plan, contract and jobs are used where no Pulumi program runs.",
      severity: "error",
      from: { path: "^(plan|contract|jobs|packages/local-cloud/(aws|cluster|run|tools|traffic))/" },
      to: { path: "node_modules/@pulumi/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "plan-knows-no-platform",
      severity: "error",
      from: { path: "^plan/" },
      to: { path: "node_modules/(@aws-sdk|@kubernetes|@pulumi)/" },
    },
    {
      name: "site-never-imports-shared",
      comment: "The recovery-path rule: what a site deploys may not depend on what another stack owns.",
      severity: "error",
      from: { path: "^components/site/" },
      to: { path: "^components/(shared|stack)/" },
    },
    {
      name: "shared-never-imports-site",
      severity: "error",
      from: { path: "^components/shared/" },
      to: { path: "^components/(site|stack)/" },
    },
    {
      name: "kit-is-the-lowest-component",
      severity: "error",
      from: { path: "^components/kit/" },
      to: { path: "^components/(shared|site|stack)/" },
    },
    {
      name: "local-cloud-knows-no-product",
      comment: "The local cloud deploys any program; it may not know this one.",
      severity: "error",
      from: { path: "^packages/local-cloud/" },
      to: { path: `^(${product.join("|")}|test)/` },
    },
    {
      name: "only-the-drill-runs-locally",
      comment:
        "The same program goes to AWS and to the local cloud, so nothing else may know that the local cloud exists.",
      severity: "error",
      from: { path: "^(plan|contract|components|policies|jobs|continuity)/|^index.ts$" },
      to: { path: "^packages/local-cloud/" },
    },
    {
      name: "local-cloud-by-its-exports",
      comment: "What the package does not export may change at any time.",
      severity: "error",
      from: { path: "^drill/" },
      to: {
        path: "^packages/local-cloud/",
        pathNot: "^packages/local-cloud/(aws|cluster|providers|providers/aws|run|tools|traffic)/index\\.ts$",
      },
    },
    {
      name: "product-never-imports-tests",
      severity: "error",
      from: { pathNot: "(^|/)test/" },
      to: { path: "(^|/)test/" },
    },
    {
      name: "declared-dependencies-only",
      severity: "error",
      from: { pathNot: "(^|/)test/" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "unknown", "undetermined"] },
    },
  ],
  options: {
    includeOnly: "^(index\\.ts|plan|contract|components|policies|jobs|continuity|drill|packages|test|node_modules)",
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    exclude: { path: "cluster/go|continuity\\.schema\\.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["node", "import", "require", "default"] },
  },
};
