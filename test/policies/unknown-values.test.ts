/** A preview with an unknown value that a rule needs is stopped with a report. */
import type { StackValidationPolicy } from "@pulumi/policy";
import { expect } from "chai";
import { backupStoreReplicatedAndLocked } from "../../policies/backup-store-replicated-and-locked.ts";
import { jobsDoTheirWork } from "../../policies/jobs-do-their-work.ts";
import { monthlyRestoreVerifyOnReplica } from "../../policies/monthly-restore-verify-on-replica.ts";
import { siteRule, stackRule } from "../../policies/reading/index.ts";
import { siteAsConfigured } from "../../policies/site-as-configured.ts";
import { worstCaseLossWithinRpo } from "../../policies/worst-case-loss-within-rpo.ts";
import type { Role, StackPart } from "../../contract/index.ts";
import { unknown } from "@vapora-continuity/local-cloud/providers";
import { goodStack, judge, set, violations, type Change, type Resource } from "./support.ts";

const rules = {
  siteAsConfigured,
  worstCaseLossWithinRpo,
  backupStoreReplicatedAndLocked,
  monthlyRestoreVerifyOnReplica,
  jobsDoTheirWork,
};

const stack = ["primary", "active"] as const;

/** Resources that a rule may read; the services' workloads have the same type and are irrelevant here. */
const ofInterest = ({ type, name }: Resource): boolean =>
  (type.startsWith("aws:s3/bucket") && !/Lifecycle|Encryption|PublicAccess|Ownership|Policy/.test(type)) ||
  /:(Namespace|CronJob|PriorityClass|Secret)$/.test(type) ||
  ["standby-sync", "recovery-point-watch", "writer-guard", "traffic-watch"].includes(name);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** All paths of an object, of leaves and of inner nodes. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (!isObject(value)) return [path];
  const inner = Object.keys(value).flatMap((key) => pathsOf(value[key], [...path, key]));
  return path.length === 0 || inner.length === 0 ? inner : [path, ...inner];
}

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);

/** Alternative values of a leaf; inner nodes are removed. */
function otherValues(value: unknown, key: string | undefined): unknown[] {
  // Only its presence matters.
  if (key === "emptyDir") return [];
  if (isObject(value)) return [undefined];
  if (typeof value === "number") return [0, 1e9];
  return typeof value === "boolean" ? [!value] : [`other-${String(value)}`];
}

/** Numbers of the resources into which a rule looks; no value in another one can be a violation. */
async function readBy(rule: StackValidationPolicy, resources: readonly Resource[]): Promise<Set<number>> {
  const read = new Set<number>();
  const watched = resources.map((resource, index) => {
    const ownKeys = (target: object) => (read.add(index), Reflect.ownKeys(target));
    return { ...resource, props: new Proxy<Resource["props"]>(resource.props, { ownKeys }) };
  });
  expect(await judge(rule, watched)).to.be.empty;
  return read;
}

describe("an unknown value", function () {
  this.timeout(60_000);

  /** The stack with another value in one place. */
  const changed = (
    resources: readonly Resource[],
    index: number,
    path: readonly string[],
    value: unknown,
  ): Resource[] => {
    const other = structuredClone(resources[index]!);
    const target = at(other.props, path.slice(0, -1)) as Record<string, unknown>;
    if (value === undefined) delete target[path.at(-1)!];
    else target[path.at(-1)!] = value;
    return resources.with(index, other);
  };

  const judgedIn: [string, StackValidationPolicy, readonly [StackPart, Role?]][] = [
    ...Object.entries(rules).map(
      ([name, rule]) => [name, rule, stack] as [string, StackValidationPolicy, typeof stack],
    ),
    ["backupStoreReplicatedAndLocked", backupStoreReplicatedAndLocked, ["shared"]],
  ];
  for (const [name, rule, of] of judgedIn) {
    it(`stops wherever another value would violate ${name} in a stack of ${of.join(", ")}`, async () => {
      expect(await violations(siteAsConfigured, of)).to.be.empty; // and the stack's configuration is set
      const resources = (await goodStack(...of)).filter(ofInterest);
      let read = 0;
      const looksInto = await readBy(rule, resources);
      for (const [index, { props, name: found }] of resources.entries()) {
        if (!looksInto.has(index)) continue;
        for (const path of pathsOf(props)) {
          const judgeChanged = (value: unknown) =>
            judge(rule, changed(resources, index, path, value), (other) => other === index);
          const others = otherValues(at(props, path), path.at(-1));
          const judged = await Promise.all(others.map((value) => judgeChanged(value)));
          if (judged.flat().length === 0) continue;
          read++;
          const reported = await judgeChanged(unknown);
          expect(reported.map(({ message }) => message).join("\n"), `${found}: ${path.join(".")}`).to.contain(
            `cannot be checked at preview: ${path.join(".")} of ${found} is unknown; give a plain value`,
          );
        }
      }
      expect(read).to.be.greaterThan(4);
    });
  }

  it("is reported once, with its resource", async () => {
    const change = set("kubernetes:batch/v1:CronJob", "export-changes", "spec.schedule", unknown);
    const reported = await violations(worstCaseLossWithinRpo, stack, change);
    const named = reported.filter(({ message }) => message.startsWith("cannot be checked at preview"));
    expect(named).to.have.length(1);
    expect(named[0]?.urn).to.match(/CronJob::export-changes$/);
  });

  it("is no violation if no rule needs it", async () => {
    const path = "rules.0.destination.encryptionConfiguration.replicaKmsKeyId";
    const type = "aws:s3/bucketReplicationConfig:BucketReplicationConfig";
    for (const rule of Object.values(rules)) {
      expect(await violations(rule, ["shared"], set(type, "shop-primary-to-alternate", path, unknown))).to.be.empty;
    }
  });

  it("is no violation in the name of another resource if the wanted one was found", async () => {
    const another: Change = (all) =>
      void all.push({ ...structuredClone(all.find(({ type }) => type === "aws:s3/bucket:Bucket")!), name: "reports" });
    const change: Change = (all) => {
      another(all);
      set("aws:s3/bucket:Bucket", "reports", "bucket", unknown)(all);
    };
    expect(await violations(backupStoreReplicatedAndLocked, ["shared"], change)).to.be.empty;
  });

  it("in a provider's region stops as well", async () => {
    const reported = await violations(backupStoreReplicatedAndLocked, ["shared"], (all) => {
      const bucket = all.find(({ type, name }) => type === "aws:s3/bucket:Bucket" && name === "shop-primary")!;
      bucket.provider = { props: { region: unknown } };
    });
    expect(reported.map(({ message }) => message).join()).to.contain("provider.region of shop-primary is unknown");
  });
});

describe("a rule about sites", () => {
  const rule = siteRule({ name: "sites", description: "Stops every site.", check: (_, report) => report("stopped") });

  it("applies to every stack of a site, by the configuration alone", async () => {
    for (const one of [stack, ["alternate", "standby"] as const]) {
      expect((await violations(rule, one)).map(({ message }) => message)).to.deep.equal(["stopped"]);
    }
    expect(await violations(rule, ["shared"])).to.be.empty;
  });

  it("stops a stack whose configuration does not say what it deploys", async () => {
    const [first] = await violations(rule, ["shared"], undefined, { site: "Shared" });
    expect(first?.message).to.match(/cannot be checked, .+site is "Shared", but must be primary, alternate or shared/);
  });
});

describe("a rule that fails", () => {
  it("stops the deployment", async () => {
    const rule = stackRule({
      name: "broken",
      description: "A rule with a mistake in it.",
      check: () => {
        throw new Error("no such thing");
      },
    });
    const [first, ...others] = await violations(rule, stack);
    expect(first?.message).to.equal("cannot be checked, so the deployment is stopped: no such thing");
    expect(others).to.be.empty;
  });

  for (const [name, rule] of Object.entries(rules).filter(([key]) => key !== "siteAsConfigured")) {
    it(`is ${name} without a readable plan or configuration`, async () => {
      const config = { planFile: "plan/absent.yaml", site: "secondary", role: "passive" };
      const [first] = await violations(rule, stack, () => undefined, config);
      expect(first?.message).to.match(/^cannot be checked, so the deployment is stopped: /);
    });
  }
});
