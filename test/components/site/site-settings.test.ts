/** What a site passes on to its parts, from its arguments and from the plan. */
import { expect } from "chai";
import { siteImages, type Site } from "../../../components/site/index.ts";
import { importSeconds, longestLossSeconds } from "../../../components/site/plan-limits.ts";
import { jobsImage } from "../../../contract/index.ts";
import { planRecoveryTimes, strictestRpoSeconds } from "../../../plan/index.ts";
import { plan, refusal } from "../../support/fixtures.ts";
import { at, made, ofType, only, settled, startMocks } from "../../support/pulumi-mocks.ts";
import { containerOf, podOf, settingsOf } from "./jobs/support.ts";
import { build, certificateArn, names } from "./full-site.ts";

const deployment = (name: string) => only("kubernetes:apps/v1:Deployment", name);
const cronJob = (name: string) => only("kubernetes:batch/v1:CronJob", name);
const alarm = (name: string) => only("aws:cloudwatch/metricAlarm:MetricAlarm", `primary-${name}`);
const server = () => only("kubernetes:apps/v1:StatefulSet");

describe("a site's settings", () => {
  let site: Site;

  before(async () => {
    await startMocks();
    site = build();
    await settled();
  });

  it("reach the database's volume", () => {
    const [claim] = at(server(), "spec.volumeClaimTemplates") as { spec: object }[];
    expect(claim!.spec).to.deep.include({
      storageClassName: "auto-ebs",
      resources: { requests: { storage: "70Gi" } },
    });
  });

  it("reach the services: number of pods, certificate, host name", () => {
    expect(at(deployment("backend-api"), "spec.replicas")).to.equal(3);
    expect(at(deployment("frontend-ui"), "spec.replicas")).to.equal(2);
    expect(at(deployment("analytics"), "spec.replicas")).to.equal(1);
    expect(at(only("kubernetes:core/v1:Service", "backend-api"), "metadata.annotations")).to.include({
      "service.beta.kubernetes.io/aws-load-balancer-ssl-cert": certificateArn,
      "external-dns.alpha.kubernetes.io/hostname": "primary.api.shop.example",
    });
  });

  it("subscribe whoever gets the alarms", () => {
    const subscriptions = ofType("aws:sns/topicSubscription:TopicSubscription").map(({ inputs }) => inputs);
    expect(subscriptions).to.have.length(1);
    expect(subscriptions[0]).to.include({ protocol: "email", endpoint: "on-call@shop.example" });
  });

  it("tie its pods to AWS roles in its own cluster", () => {
    const found = ofType("aws:eks/podIdentityAssociation:PodIdentityAssociation");
    expect(found).not.to.be.empty;
    for (const { inputs } of found) expect(inputs).to.include({ clusterName: "shop-primary", namespace: "shop" });
  });

  it("run one version of the database, serving and under test", () => {
    const [scratch] = podOf(cronJob("restore-verify"))["initContainers"] as { image: string }[];
    expect(containerOf(server()).image).to.equal(names.databaseImage);
    expect(scratch!.image).to.equal(names.databaseImage);
    expect(containerOf(only("kubernetes:batch/v1:Job")).image).to.equal(jobsImage(names));
  });

  it("return the services by tier", () => {
    const expected = plan.tiers.map(({ tier, services }) => [String(tier), services.map(({ id }) => id)]);
    expect(site.services).to.deep.equal(Object.fromEntries(expected));
  });
});

describe("a site's jobs", () => {
  before(async () => {
    await startMocks();
    build();
    await settled();
  });

  it("may lose what the plan's strictest objective accepts, and expect no more", () => {
    expect(strictestRpoSeconds(plan)).to.equal(3600);
    expect(settingsOf("standby-sync", cronJob("standby-promote")).ACCEPTED_LOSS_SECONDS).to.equal(3600);
    expect(alarm("age").inputs["threshold"]).to.equal(3600);
  });

  it("warn at an age that export, copy and import together explain", () => {
    const { changeExport, replicationBound, standbySync } = plan.backups;
    const run = changeExport.startDeadline.seconds + changeExport.runTimeLimit.seconds;
    const explained = 600 + run + replicationBound.seconds + standbySync.pollInterval.seconds;
    expect(alarm("age-late").inputs["threshold"]).to.equal(explained);
  });

  it("leave the last catch-up what detection, decision, start, checks and the traffic switch leave of the time", () => {
    const [first] = planRecoveryTimes(plan);
    const seconds = (30 - (2 + 5 + 2 + 2)) * 60 - (first!.parts.trafficSwitchSeconds ?? 0);
    expect(at(cronJob("standby-promote"), "spec.jobTemplate.spec.activeDeadlineSeconds")).to.equal(seconds);
  });

  it("move sequences on by the plan's rate over its longest loss", () => {
    expect(settingsOf("standby-sync", deployment("standby-sync"))).to.include({
      SEQUENCE_NUMBERS_PER_SECOND: plan.backups.sequenceNumbersPerSecond,
      SEQUENCE_WINDOW_SECONDS: longestLossSeconds(plan),
    });
  });

  it("expect an import within a restore of the plan plus one look of the standby", () => {
    const expected = 300 + plan.backups.standbySync.pollInterval.seconds;
    expect(importSeconds(plan)).to.equal(expected);
    const settings = settingsOf("recovery-point-watch", deployment("recovery-point-watch"));
    expect(settings.STANDBY_IMPORT_SECONDS).to.equal(expected);
  });

  it("test the restore at the plan's time", () => {
    expect(at(cronJob("restore-verify"), "spec.schedule")).to.equal(plan.backups.restoreTest.schedule);
  });
});

describe("a plan in which no tier holds data", () => {
  it("has no time of an import, which the watch refuses", () => {
    const tiers = plan.tiers.map((tier) => ({
      ...tier,
      services: tier.services.map((service) => ({ ...service, holdsData: false })),
    }));
    expect(importSeconds({ ...plan, tiers })).to.be.NaN;
  });
});

describe("a site's images", () => {
  it("are named by registry, service and tag; the database's is given in full", () => {
    const images = siteImages(names);
    expect(images.service("checkout")).to.equal("registry.example.com/shop/checkout:v7");
    expect(images.jobs).to.equal("registry.example.com/shop/continuity-jobs:v7");
    expect(images.database).to.equal("surrealdb/surrealdb:v3.0.3");
  });
});

describe("the name of a site's cluster", () => {
  for (const [clusterName, accepted] of [
    ["a", true],
    ["a".repeat(100), true],
    ["a".repeat(101), false],
    ["_shop", false],
    ["shop.primary", false],
    ["shop\nprimary", false],
  ] as const) {
    it(`${accepted ? "may" : "may not"} be ${JSON.stringify(clusterName).slice(0, 20)}, ${clusterName.length} long`, async () => {
      await startMocks();
      if (accepted) build({ clusterName });
      else expect(refusal(() => build({ clusterName }))).to.contain('Site "primary": 1 problem(s)');
      await settled();
      const objects = made.filter(({ type }) => type.startsWith("kubernetes:"));
      expect(objects.length > 0).to.equal(accepted);
    });
  }
});
