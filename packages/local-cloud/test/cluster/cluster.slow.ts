import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { onMachine, startCluster } from "../../cluster/index.ts";
import type { Cluster } from "../../cluster/index.ts";
import { openRun } from "../../run/index.ts";
import type { Run } from "../../run/index.ts";
import { ensureCluster } from "../../tools/index.ts";
import { Api, pod, pods } from "./api.ts";
import type { KubernetesObject } from "./api.ts";
import { server, shell, writeServer, writeShell } from "./images.ts";

const succeeded = (o: KubernetesObject): boolean => o["status"].phase === "Succeeded";
const failed = (o: KubernetesObject): boolean => o["status"].phase === "Failed";
const ready = (o: KubernetesObject): boolean =>
  o["status"].conditions?.some((c: { type: string; status: string }) => c.type === "Ready" && c.status === "True");
const container = (o: KubernetesObject): KubernetesObject => o["status"].containerStatuses?.[0] ?? {};
const waitsFor = (o: KubernetesObject): string | undefined => container(o)["state"]?.waiting?.reason;

/** Command lines of the processes of this machine that hold the text. */
const commandsWith = (text: string): { pid: number; command: string }[] =>
  readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && entry !== String(process.pid))
    .flatMap((entry) => {
      try {
        const command = readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ");
        return [{ pid: Number(entry), command }];
      } catch {
        return [];
      }
    })
    .filter(({ command }) => command.includes(text));

const processesWith = (text: string): string[] => commandsWith(text).map(({ command }) => command);

/** Tells this test's processes from those of others that run at the same time. */
const mark = 100_000 + process.pid;

describe("local cluster", function () {
  this.timeout(90_000);
  let run: Run;
  let imagesDir: string;
  let cluster: Cluster;
  let api: Api;
  let binary: string;

  before(async function () {
    this.timeout(1_800_000); // the first time on a machine it must be built
    binary = await ensureCluster(console.log);
    run = await openRun("cluster-test");
    imagesDir = join(run.directory, "images");
    writeShell(imagesDir);
    writeServer(imagesDir);
    const podEnv = { REGION: "injected", OVERRIDDEN: "injected", OF_IMAGE: "injected" };
    cluster = await startCluster({ run, binary, name: "primary", imagesDir, podEnv });
    api = new Api(cluster);
  });
  after(() => run.close());

  const sh = (name: string, script: string, container = {}, spec = {}): KubernetesObject =>
    pod(name, shell, { args: [script], ...container }, spec);
  const never = { restartPolicy: "Never" };

  it("gives a container its environment, the pod's own word counting most", async () => {
    await api.create("/api/v1/namespaces/default/configmaps", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "map" },
      data: { KEY: "from-map" },
    });
    await api.create("/api/v1/namespaces/default/secrets", {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "secret" },
      stringData: { KEY: "from-secret" },
    });
    const env = [
      { name: "OVERRIDDEN", value: "own" },
      { name: "REFERS", value: "$(OVERRIDDEN) $$(OVERRIDDEN)" },
      { name: "FROM_MAP", valueFrom: { configMapKeyRef: { name: "map", key: "KEY" } } },
      { name: "ABSENT", valueFrom: { secretKeyRef: { name: "none", key: "none", optional: true } } },
      { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
      { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      { name: "LABEL", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: "MEMORY", valueFrom: { resourceFieldRef: { resource: "limits.memory", divisor: "1Mi" } } },
    ];
    const envFrom = [{ prefix: "S_", secretRef: { name: "secret" } }];
    await api.create(pods, sh("env", "env", { env, envFrom, resources: { limits: { memory: "100Mi" } } }, never));
    const { status } = await api.until(`${pods}/env`, succeeded);
    const seen = await api.log("env");
    for (const line of [
      ...["OVERRIDDEN=own", "REFERS=own $(OVERRIDDEN)", "FROM_MAP=from-map", "S_KEY=from-secret", "LABEL=env"],
      ...["REGION=injected", "OF_IMAGE=injected", "MEMORY=100"],
      `IP=${onMachine(status.podIP as string)}`,
      `LOCAL_POD_IP=${onMachine(status.podIP as string)}`,
    ]) {
      expect(seen.split("\n")).to.include(line);
    }
    expect(seen)
      .to.match(/^NODE=primary-[abc]$/m)
      .and.not.to.contain("ABSENT");
  });

  it("waits for a Secret that comes later", async () => {
    const volumes = [{ name: "late", secret: { secretName: "late" } }];
    const mounts = { volumeMounts: [{ name: "late", mountPath: "/late" }] };
    const env = { env: [{ name: "LATE", valueFrom: { secretKeyRef: { name: "later", key: "key" } } }] };
    await api.create(pods, sh("waits-volume", "cat /late/key", mounts, { ...never, volumes }));
    await api.create(pods, sh("waits-env", "echo $LATE", env, never));
    await api.until(`${pods}/waits-env`, (o) => waitsFor(o) === "CreateContainerConfigError");
    for (const name of ["late", "later"]) {
      await api.create("/api/v1/namespaces/default/secrets", {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name },
        stringData: { key: "came" },
      });
    }
    for (const name of ["waits-volume", "waits-env"]) {
      await api.until(`${pods}/${name}`, succeeded);
      expect((await api.log(name)).trim()).to.equal("came");
    }
  });

  it("runs init containers in order and sidecars beside, over volumes of every kind", async () => {
    await api.create("/api/v1/namespaces/default/configmaps", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "files" },
      data: { "a.txt": "one", "b.txt": "two" },
    });
    const shared = [{ name: "shared", mountPath: "/var/deep/er" }];
    const sidecar = "trap 'exit 0' TERM; touch /var/deep/er/sidecar; while :; do sleep 0.05; done";
    const script = `set -e; cat /var/deep/er/first /one /conf/sub/renamed; ls /conf/sub; cat /mixed/labels; id -u; id -g
      cut -d. -f2 /mixed/token | tr _- /+ | base64 -d 2>/dev/null | grep -o vault
      hostname; touch /usr/x 2>/dev/null || echo read-only; touch /tmp/x && echo own-tmp; ls /var/deep/er`;
    const mountPaths = { conf: "/conf", mixed: "/mixed" };
    const volumeMounts = [
      ...shared,
      { name: "shared", mountPath: "/one", subPath: "first" },
      ...Object.entries(mountPaths).map(([name, mountPath]) => ({ name, mountPath })),
    ];
    const sources = [
      { downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels['app']" } }] } },
      { serviceAccountToken: { path: "token", audience: "vault", expirationSeconds: 600 } },
    ];
    await api.create(
      pods,
      sh(
        "files",
        script,
        { volumeMounts, securityContext: { runAsUser: 1234, runAsGroup: 1235 } },
        {
          ...never,
          hostname: "chosen",
          initContainers: [
            { name: "first", image: shell, args: ["echo first > /var/deep/er/first"], volumeMounts: shared },
            {
              ...{ name: "beside", image: shell, args: [sidecar], volumeMounts: shared, restartPolicy: "Always" },
              startupProbe: { exec: { command: ["test", "-e", "/var/deep/er/sidecar"] }, periodSeconds: 1 },
            },
          ],
          volumes: [
            { name: "shared", emptyDir: {} },
            { name: "conf", configMap: { name: "files", items: [{ key: "a.txt", path: "sub/renamed" }] } },
            { name: "mixed", projected: { sources } },
          ],
        },
      ),
    );
    const { status } = await api.until(`${pods}/files`, succeeded);
    const lines = (await api.log("files", "container=c")).split(/\s+/);
    expect(lines.join(" ").trim()).to.equal(
      "first first onerenamed files1234 1235 vault chosen read-only own-tmp first sidecar".trim(),
    );
    expect(status.initContainerStatuses[1].state.terminated.exitCode, "the sidecar was asked to end").to.equal(0);
  });

  it("restarts a container that its liveness probe finds ill; a startup probe holds that back", async () => {
    const probe = { exec: { command: ["test", "-e", "/tmp/ok"] }, periodSeconds: 1 };
    await api.create(
      pods,
      sh("ill", "echo attempt; sleep 1; touch /tmp/ok; sleep 1.5; rm /tmp/ok; exec sleep 300", {
        startupProbe: { ...probe, failureThreshold: 10 },
        livenessProbe: { ...probe, failureThreshold: 1 },
      }),
    );
    const seen = await api.until(`${pods}/ill`, (o) => container(o)["restartCount"] === 1 && container(o)["started"]);
    expect(container(seen)["lastState"].terminated.exitCode).to.equal(137);
    expect(await api.log("ill", "previous=true")).to.equal("attempt\n");
    expect((await api.ask("DELETE", `${pods}/ill`)).status).to.equal(200);
  });

  it("ends a pod at its deadline", async () => {
    await api.create(pods, sh("late", "exec sleep 300", {}, { ...never, activeDeadlineSeconds: 1 }));
    const seen = await api.until(`${pods}/late`, failed);
    expect(seen["status"].reason).to.equal("DeadlineExceeded");
  });

  it("asks a container to end, and forces it after the grace with all its processes", async () => {
    const script = `trap 'echo asked' TERM; setsid sleep ${mark}.5 & echo on; while :; do sleep 0.1; done`;
    await api.create(pods, sh("stubborn", script, {}, { terminationGracePeriodSeconds: 2 }));
    for (let tries = 0; (await api.log("stubborn")) !== "on\n" && tries < 200; tries++) await sleep(50);
    const began = Date.now();
    await api.ask("DELETE", `${pods}/stubborn`);
    await sleep(1_000);
    expect(await api.log("stubborn")).to.equal("on\nasked\n");
    await api.untilGone(`${pods}/stubborn`);
    expect(Date.now() - began).to.be.within(1_900, 5_000);
    expect(processesWith(`sleep ${mark}`)).to.deep.equal([]);
  });

  it("refuses to run as root what must not", async () => {
    await api.create(pods, sh("rooted", "id", {}, { securityContext: { runAsNonRoot: true } }));
    const seen = await api.until(`${pods}/rooted`, (o) => waitsFor(o) === "CreateContainerConfigError");
    expect(container(seen)["state"].waiting.message).to.contain("runAsNonRoot");
  });

  it("leaves a root user no power over the machine", async () => {
    const script = "mount -o remount,rw / 2>/dev/null || echo refused; grep CapEff /proc/self/status; ps -e | wc -l";
    await api.create(pods, sh("root", script, {}, never));
    await api.until(`${pods}/root`, succeeded);
    const [refused, capabilities, processes] = (await api.log("root")).split("\n");
    expect([refused, capabilities]).to.deep.equal(["refused", "CapEff:\t0000000000000000"]);
    expect(Number(processes), "it sees its own processes only").to.be.lessThan(8);
  });

  it("cannot pull an image that is not there, until it is", async () => {
    const image = "test.example/later:2";
    await api.create(pods, pod("unknown", image, { args: ["echo here"] }, never));
    const first = await api.until(`${pods}/unknown`, (o) => waitsFor(o) === "ErrImagePull");
    expect(container(first)["state"].waiting.message).to.contain(`no such image: ${image}`);
    await api.until(`${pods}/unknown`, (o) => waitsFor(o) === "ImagePullBackOff");
    writeShell(imagesDir, image);
    await api.until(`${pods}/unknown`, succeeded);
  });

  it("keeps the log of each attempt, and gives its end", async () => {
    await api.create(pods, sh("talks", "echo one; echo two; exit 3", {}, { restartPolicy: "OnFailure" }));
    await api.until(`${pods}/talks`, (o) => waitsFor(o) === "CrashLoopBackOff");
    expect(await api.log("talks", "tailLines=1")).to.equal("two\n");
    expect(await api.log("talks", "previous=true")).to.equal("one\ntwo\n");
    await api.ask("DELETE", `${pods}/talks`);
  });

  it("spreads over its nodes as asked", async () => {
    const topologySpreadConstraints = [
      {
        ...{ maxSkew: 1, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "DoNotSchedule" },
        labelSelector: { matchLabels: { app: "spread" } },
      },
    ];
    const spec = { ...pod("x", shell)["spec"], topologySpreadConstraints };
    const template = { metadata: { labels: { app: "spread" } }, spec };
    await api.create("/apis/apps/v1/namespaces/default/deployments", {
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "spread" } },
      spec: { replicas: 3, selector: { matchLabels: { app: "spread" } }, template },
    });
    await api.until("/apis/apps/v1/namespaces/default/deployments/spread", (o) => o["status"].readyReplicas === 3);
    const found = (await api.get(`${pods}?labelSelector=app%3Dspread`))["items"] as KubernetesObject[];
    expect(new Set(found.map((o) => o["spec"].nodeName as string)).size).to.equal(3);
    await api.ask("DELETE", "/apis/apps/v1/namespaces/default/deployments/spread?propagationPolicy=Background");
  });

  it("lets a pod use the API as its service account, and no further than its role", async () => {
    const group = "rbac.authorization.k8s.io";
    const roles = `/apis/${group}/v1/namespaces/default`;
    await api.create(`${roles}/roles`, {
      ...{ apiVersion: `${group}/v1`, kind: "Role", metadata: { name: "reader" } },
      rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"], resourceNames: ["readable"] }],
    });
    await api.create(`${roles}/rolebindings`, {
      ...{ apiVersion: `${group}/v1`, kind: "RoleBinding", metadata: { name: "reader" } },
      roleRef: { apiGroup: group, kind: "Role", name: "reader" },
      subjects: [{ kind: "ServiceAccount", name: "default", namespace: "default" }],
    });
    const data = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "readable" }, data: { k: "v" } };
    await api.create("/api/v1/namespaces/default/configmaps", data);
    const program = `
      const { readFileSync } = require("node:fs"), { get } = require("node:https");
      const folder = "/var/run/secrets/kubernetes.io/serviceaccount/", env = process.env;
      const options = { ca: readFileSync(folder + "ca.crt"), headers: { authorization: "Bearer " + readFileSync(folder + "token") } };
      for (const name of ["readable", "kube-root-ca.crt"])
        get("https://" + env.KUBERNETES_SERVICE_HOST + ":" + env.KUBERNETES_SERVICE_PORT + "/api/v1/namespaces/default/configmaps/" + name, options,
          (response) => { console.log(name, response.statusCode); response.resume(); });`;
    await api.create(pods, pod("client", server, { command: ["/app/node", "-e", program] }, never));
    await api.until(`${pods}/client`, succeeded);
    expect((await api.log("client")).trim().split("\n").sort()).to.deep.equal(["kube-root-ca.crt 403", "readable 200"]);
  });

  it("serves a load balancer's address from the ready pods alone, by name too", async () => {
    const services = "/api/v1/namespaces/default/services";
    await api.create(services, {
      ...{ apiVersion: "v1", kind: "Service", metadata: { name: "web" } },
      spec: { type: "LoadBalancer", selector: { role: "web" }, ports: [{ port: 8123, targetPort: "http" }] },
    });
    const found = await api.until(`${services}/web`, (o) => o["status"].loadBalancer?.ingress);
    const ip = found["status"].loadBalancer.ingress[0].ip as string;
    expect(ip).to.equal(found["spec"].clusterIP);
    const url = `http://${onMachine(ip)}:8123/`;
    const refused = (error: Error): string => (error.cause as { code: string }).code;
    expect(await fetch(url).then(String, refused), "nobody is ready").to.equal("ECONNREFUSED");

    const ports = [{ name: "http", containerPort: 8080 }];
    const served = (name: string, path: string): KubernetesObject => {
      const o = pod(name, server, { ports, readinessProbe: { httpGet: { port: "http", path }, periodSeconds: 1 } });
      return { ...o, metadata: { name, labels: { role: "web" } } };
    };
    await api.create(pods, served("web-1", "/"), served("web-2", "/"));
    for (const name of ["web-1", "web-2"]) await api.until(`${pods}/${name}`, ready);
    // A pod is ready before the controller has written it into the Service's endpoints, and nobody listens until then.
    const answers = new Set<string>();
    for (let tries = 0; answers.size < 2 && tries < 400; tries++) {
      const request = fetch(url, { headers: { connection: "close" } });
      await request.then(async (response) => answers.add(await response.text()), refused);
      await sleep(25);
    }
    expect([...answers].sort(), "two pods listen on the same port").to.deep.equal(["web-1", "web-2"]);

    const program = `fetch("http://web.default.svc:8123/").then((r) => r.text()).then(console.log)`;
    await api.create(pods, pod("caller", server, { command: ["/app/node", "-e", program] }, never));
    await api.until(`${pods}/caller`, succeeded);
    expect(await api.log("caller")).to.match(/^web-[12]\n$/);
  });

  it("keeps what a StatefulSet's pod stored when the pod is replaced", async () => {
    const script = "echo boot >> /data/boots; exec sleep 300";
    const volumeMounts = [{ name: "data", mountPath: "/data" }];
    const containers = [
      { name: "c", image: shell, args: [script], volumeMounts, securityContext: { runAsUser: 1234 } },
    ];
    await api.create("/apis/apps/v1/namespaces/default/statefulsets", {
      ...{ apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "store" } },
      spec: {
        ...{ serviceName: "store", replicas: 1, selector: { matchLabels: { app: "store" } } },
        template: { metadata: { labels: { app: "store" } }, spec: { terminationGracePeriodSeconds: 0, containers } },
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
          },
        ],
      },
    });
    const volumes = join(run.directory, "clusters/primary/volumes");
    const boots = (): string => {
      const [folder] = readdirSync(volumes).filter((name) => name.includes("data-store-0"));
      const file = join(volumes, folder ?? "", "boots");
      return existsSync(file) ? readFileSync(file, "utf8") : "";
    };
    const booted = async (times: number): Promise<void> => {
      const text = "boot\n".repeat(times);
      for (let tries = 0; boots() !== text && tries < 100; tries++) await sleep(50);
      expect(boots()).to.equal(text);
    };
    const first = await api.until(`${pods}/store-0`, ready);
    await booted(1); // ready only says that the program was started
    await api.ask("DELETE", `${pods}/store-0`);
    await api.until(`${pods}/store-0`, (o) => o.metadata["uid"] !== first.metadata["uid"] && ready(o));
    await booted(2);
  });

  it("holds its namespaces, priorities and budgets to their rules", async () => {
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    await api.create("/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "strict", labels },
    });
    await api.until("/api/v1/namespaces/strict/serviceaccounts/default", () => true);
    const refused = await api.ask("POST", "/api/v1/namespaces/strict/pods", sh("lax", "id"));
    expect([refused.status, refused.text]).to.satisfy(
      ([s, t]: [number, string]) => s === 403 && t.includes("PodSecurity"),
    );

    const classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
    const group = "scheduling.k8s.io/v1";
    await api.create(classes, { apiVersion: group, kind: "PriorityClass", metadata: { name: "first" }, value: 1000 });
    await api.create(pods, sh("important", "exec sleep 300", {}, { priorityClassName: "first" }));
    const important = await api.until(`${pods}/important`, ready);
    expect(important["spec"].priority).to.equal(1000);

    await api.create("/apis/policy/v1/namespaces/default/poddisruptionbudgets", {
      ...{ apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "important" } },
      spec: { minAvailable: 1, selector: { matchLabels: { app: "important" } } },
    });
    await api.until(
      "/apis/policy/v1/namespaces/default/poddisruptionbudgets/important",
      (o) => o["status"].currentHealthy === 1,
    );
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "important" } };
    expect((await api.ask("POST", `${pods}/important/eviction`, eviction)).status).to.equal(429);
  });

  it("runs a CronJob's Job, whose pod knows its Job, and removes it after its time", async () => {
    const batch = "/apis/batch/v1/namespaces/default";
    const env = [
      { name: "JOB", valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-name']" } } },
    ];
    const podSpec = { ...never, containers: [{ name: "c", image: shell, args: ["echo job $JOB"], env }] };
    const jobTemplate = { spec: { ttlSecondsAfterFinished: 2, template: { spec: podSpec } } };
    const cron = (name: string, suspend: boolean): KubernetesObject => ({
      ...{ apiVersion: "batch/v1", kind: "CronJob", metadata: { name } },
      spec: { schedule: "* * * * *", timeZone: "Etc/UTC", concurrencyPolicy: "Forbid", suspend, jobTemplate },
    });
    await api.create(`${batch}/cronjobs`, cron("tick", false), cron("asleep", true));
    const done = await api.until(`${batch}/cronjobs/tick`, (o) => o["status"].lastSuccessfulTime, 75);
    const [job] = (await api.get(`${batch}/jobs`))["items"] as KubernetesObject[];
    expect(job?.metadata.name).to.match(/^tick-/);
    expect(job?.["status"].succeeded).to.equal(1);
    const [jobPod] = (await api.get(`${pods}?labelSelector=job-name%3D${job!.metadata.name}`))[
      "items"
    ] as KubernetesObject[];
    expect(await api.log(jobPod!.metadata.name)).to.equal(`job ${job!.metadata.name}\n`);
    await api.untilGone(`${batch}/jobs/${job!.metadata.name}`);
    expect(done["status"].lastScheduleTime).to.match(/:00Z$/);
  });

  it("holds both of its address ranges as long as it runs", () => {
    const held = readFileSync("/proc/net/unix", "utf8");
    for (const network of [cluster.podNetwork, cluster.serviceNetwork])
      expect(held).to.contain(`@local-cloud/${onMachine(network)}`);
  });

  it("stands beside another cluster, and its loss leaves nothing of it", async () => {
    const other = await startCluster({ run, binary, name: "alternate", imagesDir });
    const ranges = [cluster, other].flatMap((c) => [c.podNetwork, c.serviceNetwork]);
    expect(new Set(ranges).size).to.equal(4);
    const otherApi = new Api(other);
    await otherApi.create(pods, sh("family", `setsid sleep ${mark}.2 & exec sleep ${mark}.1`), pod("web", server));
    for (const name of ["family", "web"]) await otherApi.until(`${pods}/${name}`, ready);
    const web = await otherApi.get(`${pods}/web`);
    const url = `http://${onMachine(web["status"].podIP as string)}:8080/`;
    for (let tries = 0; tries < 50 && !(await fetch(url).then(Boolean, () => false)); tries++) await sleep(50);
    expect(await (await fetch(url)).text()).to.equal("web");

    const began = Date.now();
    await other.kill();
    expect(Date.now() - began).to.be.lessThan(1_000);
    expect([
      ...processesWith(`sleep ${mark}`),
      ...processesWith(join(run.directory, "clusters/alternate")),
    ]).to.deep.equal([]);
    expect(await fetch(url).then(String, (e: Error) => (e.cause as { code: string }).code)).to.equal("ECONNREFUSED");
    expect(existsSync(join(run.directory, "clusters/alternate"))).to.equal(false);
    expect(existsSync(dirname(cluster.kubeconfigPath)), "the first one goes on").to.equal(true);
    expect((await api.ask("GET", "/readyz")).text).to.equal("ok");
    await other.kill();
  });

  it("ends with the program that started it, even after kill -9 of its reaper too, and the next run removes the rest", async () => {
    const own = join(run.directory, "orphans");
    mkdirSync(own);
    const room = (name: string): string => JSON.stringify(join(import.meta.dirname, `../../${name}/index.ts`));
    const program = `
      import { openRun } from ${room("run")};
      import { startCluster } from ${room("cluster")};
      const run = await openRun("orphan", ${JSON.stringify(own)});
      const options = { run, binary: ${JSON.stringify(binary)}, imagesDir: ${JSON.stringify(imagesDir)} };
      const { name, kubeconfig } = await startCluster({ ...options, name: "orphan" });
      console.log(JSON.stringify({ name, kubeconfig }));`;
    const args = ["--import", "tsx", "--input-type=module", "-e", program];
    const owner = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(owner, "exit").then(() => ["{}"]); // it says why itself
    const [line] = (await Promise.race([once(createInterface({ input: owner.stdout }), "line"), ended])) as [string];
    const orphan = new Api(JSON.parse(line) as Cluster);
    await orphan.create(pods, sh("family", `setsid sleep ${mark}.4 & exec sleep ${mark}.3`));
    await orphan.until(`${pods}/family`, ready);
    const reapers = commandsWith(`reaper.ts ${join(own, "local-cloud")}`);
    expect(reapers).to.have.length(1);
    process.kill(reapers[0]?.pid ?? 0, "SIGKILL");
    owner.kill("SIGKILL");
    const alive = (): string[] => [...processesWith(`sleep ${mark}`), ...processesWith(join(own, "local-cloud"))];
    for (let tries = 0; alive().length > 0 && tries < 100; tries++) await sleep(20);
    expect(alive()).to.deep.equal([]);
    expect(readdirSync(own)).to.have.length(1);
    const next = await openRun("next", own);
    await next.close();
    expect(readdirSync(own)).to.deep.equal([]);
  });

  it("says why it could not start", async () => {
    const taken = join(run.directory, "clusters/broken");
    mkdirSync(taken, { recursive: true });
    writeFileSync(join(taken, "control"), "a file where a folder must be");
    const error = await startCluster({ run, binary, name: "broken", imagesDir }).then(String, String);
    expect(error)
      .to.contain('Kubernetes cluster "broken" exited before it was ready (status 1)')
      .and.to.contain("control");
  });

  it("stops, and leaves nothing", async () => {
    await cluster.stop();
    expect(processesWith(join(run.directory, "clusters"))).to.deep.equal([]);
    expect(readdirSync(join(run.directory, "clusters"))).to.deep.equal([]);
  });
});
