/** What the alternate site's stack deploys needs nothing of the primary region and no global control plane. */
import { expect } from "chai";
import { platformLimits } from "../../../contract/index.ts";
import { deployed } from "../../support/deployed.ts";
import { topology } from "../../support/fixtures.ts";
import type { Made } from "../../support/pulumi-mocks.ts";

const lost = [topology.primaryRegion, platformLimits.route53.metricsRegion];

/** AWS services whose control planes are in one region for all others. */
const globalServices = ["iam", "route53", "cloudfront", "globalaccelerator", "organizations"];

/**
 * Variables that may name it, by resource: guard and watch read the other region's writer record when it answers, and go
 * on when it does not; the monthly test of an active site's replica is no part of a recovery, and fails meanwhile.
 */
const mayName = new Map([
  ["writer-guard", ["OTHER_BUCKET", "OTHER_BUCKET_REGION"]],
  ["traffic-watch", ["OTHER_BUCKET", "OTHER_BUCKET_REGION"]],
  ["restore-verify", ["BUCKET", "BUCKET_REGION"]],
]);

/** Texts within a value that name a lost region, with their paths; the variables that may are left out. */
function named(value: unknown, resource: string, path = ""): string[] {
  if (typeof value === "string") return lost.some((region) => value.includes(region)) ? [`${path}: ${value}`] : [];
  if (typeof value !== "object" || value === null) return [];
  const { name } = value as { name?: unknown };
  if (path.includes(".env.") && mayName.get(resource)?.includes(String(name))) return [];
  return Object.entries(value).flatMap(([key, inner]) => named(inner, resource, `${path}.${key}`));
}

for (const role of ["standby", "active"] as const) {
  describe(`the alternate site's stack in a region loss, ${role}`, () => {
    let resources: readonly Made[];
    before(async () => ({ resources } = await deployed("alternate", role)));

    it("has no ARN, image, bucket, secret or endpoint in the primary region or the one of global services", () => {
      const found = resources.flatMap((one) => named(one.inputs, one.name).map((where) => `${one.name}${where}`));
      expect(found).to.deep.equal([]);
    });

    it("has no provider there, and every AWS resource an explicit one", () => {
      const providers = resources.filter(({ type }) => type === "pulumi:providers:aws");
      const regions = new Map(providers.map(({ name, inputs }) => [name, inputs["region"]]));
      const aws = resources.filter(({ type }) => type.startsWith("aws:"));
      expect(aws).to.have.length.above(5);
      expect(new Set(aws.map(({ provider }) => regions.get(provider)))).to.deep.equal(
        new Set([topology.alternateRegion]),
      );
    });

    it("has no resource of a global control plane", () => {
      const global = resources.filter(({ type }) =>
        globalServices.some((service) => type.startsWith(`aws:${service}/`)),
      );
      expect(global.map(({ type, name }) => `${type} ${name}`)).to.deep.equal([]);
    });
  });
}

describe("what of a stack names a lost region", () => {
  const env = (name: string) => ({ spec: { containers: [{ env: [{ name, value: "bucket-eu-west-1" }] }] } });

  it("is found at any depth, except in the variables that tolerate the loss", () => {
    expect(named({ a: [{ b: "arn:aws:sns:us-east-1:1:t" }] }, "alarms")).to.deep.equal([
      ".a.0.b: arn:aws:sns:us-east-1:1:t",
    ]);
    expect(named(env("BUCKET"), "writer-guard")).to.have.length(1);
    expect(named(env("OTHER_BUCKET"), "export")).to.have.length(1);
    expect(named(env("OTHER_BUCKET"), "writer-guard")).to.deep.equal([]);
  });
});
