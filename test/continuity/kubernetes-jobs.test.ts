import { expect } from "chai";
import { finishedJob, parseResultLine, startJobFrom } from "../../continuity/kubernetes-jobs.ts";
import { KubernetesError } from "../../continuity/kubernetes.ts";
import { FakeCluster } from "./fake-cluster.ts";

const jobs = "/apis/batch/v1/namespaces/vapora/jobs";

function cluster(status: object, log: string): FakeCluster {
  const fake = new FakeCluster();
  const metadata = { name: "export-x", creationTimestamp: "2026-01-15T10:00:00Z" };
  fake.answers.set(`${jobs}/export-x`, { metadata, status });
  const terminated = { startedAt: "2026-01-15T10:00:02Z" };
  const pod = {
    metadata: { name: "p" },
    spec: { containers: [{ name: "main" }] },
    status: { containerStatuses: [{ state: { terminated } }] },
  };
  fake.answers.set("/api/v1/namespaces/vapora/pods", { items: [pod] });
  fake.answers.set("/api/v1/namespaces/vapora/pods/p/log", log);
  return fake;
}

const complete = {
  completionTime: "2026-01-15T10:00:05Z",
  conditions: [{ type: "Complete", status: "True" }],
};
const failed = {
  conditions: [
    { type: "Failed", status: "True", lastTransitionTime: "2026-01-15T10:00:04Z", message: "BackoffLimitExceeded" },
  ],
};

describe("a Job of a CronJob", () => {
  it("is created from the CronJob's template and owned by it", async () => {
    const fake = new FakeCluster();
    const template = { metadata: { labels: { a: "b" } }, spec: { backoffLimit: 1 } };
    fake.answers.set("/apis/batch/v1/namespaces/vapora/cronjobs/export", {
      metadata: { uid: "u" },
      spec: { suspend: true, jobTemplate: template },
    });
    expect(await startJobFrom(fake, "vapora", "export", { suffix: "x" })).to.equal("export-x");
    const { body } = fake.sent[0] ?? {};
    expect(body.spec).to.deep.equal(template.spec);
    expect(body.metadata.labels).to.deep.equal({ a: "b" });
    expect(body.metadata.ownerReferences[0]).to.include({ name: "export", uid: "u" });
  });

  it("may override variables of the job container only", async () => {
    const fake = new FakeCluster();
    const containers = [
      { name: "helper", env: [{ name: "LIMIT", value: "1" }] },
      {
        name: "job",
        env: [
          { name: "LIMIT", value: "1" },
          { name: "SITE", value: "alternate" },
        ],
      },
    ];
    const template = { spec: { template: { spec: { containers } } } };
    fake.answers.set("/apis/batch/v1/namespaces/vapora/cronjobs/export", {
      metadata: { uid: "u" },
      spec: { jobTemplate: template },
    });
    await startJobFrom(fake, "vapora", "export", { suffix: "x", env: { LIMIT: "any", MODE: "report" } });
    const [helper, job] = fake.sent[0]?.body.spec.template.spec.containers ?? [];
    expect(helper).to.deep.equal(containers[0]);
    expect(job.env).to.deep.equal([
      { name: "SITE", value: "alternate" },
      { name: "LIMIT", value: "any" },
      { name: "MODE", value: "report" },
    ]);
    expect(containers[1]?.env).to.have.length(2);
  });

  it("is not created with variables that no container would get", async () => {
    const fake = new FakeCluster();
    const template = { spec: { template: { spec: { containers: [{ name: "main" }] } } } };
    fake.answers.set("/apis/batch/v1/namespaces/vapora/cronjobs/export", {
      metadata: { uid: "u" },
      spec: { jobTemplate: template },
    });
    const error = await startJobFrom(fake, "vapora", "export", { suffix: "x", env: { A: "1" } }).catch(
      (reason: Error) => reason,
    );
    expect(String(error)).to.match(/no container "job"/);
    expect(fake.sent).to.deep.equal([]);
  });

  it("returns its result and duration", async () => {
    const fake = cluster(complete, 'noise\n{"job":"export","outcome":"succeeded","slot":"s"}\n');
    const job = await finishedJob(fake, "vapora", "export-x", 5);
    expect(job).to.include({ succeeded: true, startDelaySeconds: 2, elapsedSeconds: 5, reason: undefined });
    expect(job.result?.["slot"]).to.equal("s");
  });

  it("returns the failure reason of its result", async () => {
    const job = await finishedJob(
      cluster(failed, '{"job":"export","outcome":"failed","reason":"truncated"}\n'),
      "vapora",
      "export-x",
      5,
    );
    expect(job).to.include({ succeeded: false, reason: "truncated" });
  });

  it("returns Kubernetes' reason if it ended without a result", async () => {
    const job = await finishedJob(cluster(failed, "Segmentation fault\n"), "vapora", "export-x", 5);
    expect(job.reason).to.equal("BackoffLimitExceeded");
  });

  it("is queried again for its result after a transient API failure", async () => {
    const fake = cluster(complete, "");
    let asked = 0;
    fake.text = async () => {
      if (++asked === 1) throw new KubernetesError(500, "etcd has no leader");
      return '{"job":"export","outcome":"succeeded","slot":"s"}\n';
    };
    expect((await finishedJob(fake, "vapora", "export-x", 5)).result?.["slot"]).to.equal("s");
  });

  it("has no result if its log was deleted", async () => {
    const fake = cluster(complete, "");
    fake.text = () => Promise.reject(new KubernetesError(404, "no such pod"));
    expect(await finishedJob(fake, "vapora", "export-x", 5)).to.include({ succeeded: true, result: undefined });
  });

  it("times out", async () => {
    const error = await finishedJob(cluster({}, ""), "vapora", "export-x", 0.3).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).to.match(/job export-x: timed out after 0.3 s/);
  });
});

describe("a result line", () => {
  it("is the last one of its format, whatever follows", () => {
    const log = '{"job":"a","outcome":"failed"}\n{"job":"a","outcome":"succeeded"}\n{"level":"info"}\n{broken\nbye\n';
    expect(parseResultLine(log)?.outcome).to.equal("succeeded");
  });

  it("may be missing", () => expect(parseResultLine("killed\n")).to.equal(undefined));
});
