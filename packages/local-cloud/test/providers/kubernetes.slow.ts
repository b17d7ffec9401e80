/** The life of a program under the real engine, on a real API server, with the local providers. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ApiException, AppsV1Api, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { expect } from "chai";
import { startCluster, type Cluster } from "../../cluster/index.ts";
import { kubernetesProvider, randomProvider, startProviders, type StartedProviders } from "../../providers/index.ts";
import { openRun, type Run } from "../../run/index.ts";
import { ensureTools } from "../../tools/index.ts";
import { makeEngine, type CommandResult, type Engine } from "./engine.ts";
import { writeImages } from "./kubernetes/images.ts";

describe("kubernetes provider under the real engine", function () {
  this.timeout(300_000);
  this.bail(true);

  let run: Run;
  let cluster: Cluster;
  let providers: StartedProviders;
  let engine: Engine;
  let core: CoreV1Api;
  let apps: AppsV1Api;

  before(async function () {
    this.timeout(1_200_000); // builds the tools where they are not there yet
    const tools = await ensureTools(() => {});
    run = await openRun("kubernetes-provider-test");
    const imagesDir = join(run.directory, "images");
    writeImages(imagesDir);
    cluster = await startCluster({ run, binary: tools.cluster, name: "primary", imagesDir });
    providers = await startProviders([kubernetesProvider(), randomProvider()]);
    const program = fileURLToPath(new URL("kubernetes/program", import.meta.url));
    engine = makeEngine({
      directory: run.directory,
      program,
      pulumi: tools.pulumi,
      binDir: tools.binDir,
      debugProviders: providers.debugProviders,
    });
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(cluster.kubeconfig);
    core = kubeConfig.makeApiClient(CoreV1Api);
    apps = kubeConfig.makeApiClient(AppsV1Api);
    succeeds(await engine.pulumi("stack", "init", "dev"));
    succeeds(await engine.pulumi("config", "set", "--secret", "kubeconfig", cluster.kubeconfig));
  });

  after(async () => {
    await providers?.stop();
    await run?.close();
  });

  const succeeds = (result: CommandResult): string => {
    expect(result.code, result.text).to.equal(0);
    return result.text;
  };
  const fails = (result: CommandResult): string => {
    expect(result.code, result.text).to.not.equal(0);
    return result.text;
  };
  const set = async (key: string, value: string) => succeeds(await engine.pulumi("config", "set", key, value));
  const up = () => engine.pulumi("up", "--yes", "--skip-preview");
  const unchanged = async () => succeeds(await engine.pulumi("preview", "--expect-no-changes"));
  const deployment = async () => {
    const { items } = await apps.listNamespacedDeployment({ namespace: "shop" });
    expect(items).to.have.length(1);
    return items[0] ?? expect.fail();
  };
  const gone = (promise: Promise<unknown>): Promise<boolean> =>
    promise.then(
      () => false,
      (error: unknown) => error instanceof ApiException && error.code === 404,
    );

  it("previews the creation, and changes nothing", async () => {
    expect(succeeds(await engine.pulumi("preview"))).to.match(/\+ 15 to create/);
    expect(await gone(core.readNamespace({ name: "shop" }))).to.equal(true);
  });

  it("rejects a misspelt field in the first preview", async () => {
    await set("misspelt", "true");
    expect(fails(await engine.pulumi("preview"))).to.match(/replicaz/);
    succeeds(await engine.pulumi("config", "rm", "misspelt"));
  });

  it("deploys everything, ready", async () => {
    succeeds(await up());
    expect((await deployment()).status).to.include({ availableReplicas: 2, updatedReplicas: 2 });
    const address = succeeds(await engine.pulumi("stack", "output", "address")).trim();
    expect(address).to.match(/^10\.\d+\.\d+\.\d+$/);
  });

  it("keeps two instances of the provider apart", async () => {
    const note = await core.readNamespacedConfigMap({ name: "note", namespace: "elsewhere" });
    expect(note.data).to.deep.equal({ from: "other" });
  });

  it("keeps secrets out of the state", async () => {
    const { items } = await core.listNamespacedSecret({ namespace: "shop" });
    const encoded = items[0]?.data?.password ?? expect.fail("no password");
    const state = succeeds(await engine.pulumi("stack", "export"));
    expect(state).to.not.contain(encoded);
    expect(state).to.not.contain(Buffer.from(encoded, "base64").toString());
  });

  it("sees no change in a second preview, nor after a refresh", async () => {
    await unchanged();
    succeeds(await engine.pulumi("refresh", "--yes", "--skip-preview"));
    await unchanged();
  });

  it("shows what would change, by path", async () => {
    await set("tag", "2");
    const shown = succeeds(await engine.pulumi("preview", "--diff"));
    expect(shown).to.match(/~ image: "test\/web:1" => "test\/web:2"/);
    expect(shown).to.match(/~ 1 to update/);
  });

  it("rolls a change out, and new content through a new ConfigMap", async () => {
    await set("greeting", "good morning");
    const before = (await core.listNamespacedConfigMap({ namespace: "shop" })).items.map((one) => one.metadata?.name);
    succeeds(await up());
    const live = await deployment();
    expect(live.spec?.template.spec?.containers[0]?.image).to.equal("test/web:2");
    expect(live.status).to.include({ availableReplicas: 2, updatedReplicas: 2, replicas: 2 });
    const maps = (await core.listNamespacedConfigMap({ namespace: "shop" })).items.filter((one) => one.data?.greeting);
    expect(maps.map((one) => one.data?.greeting)).to.deep.equal(["good morning"]);
    expect(before).to.not.include(maps[0]?.metadata?.name);
  });

  it("fails on a missing image and reports it; the next update repairs it", async () => {
    await set("tag", "9");
    await set("timeoutSeconds", "5");
    const failed = fails(await up());
    expect(failed).to.match(/not ready within 5 s/);
    expect(failed).to.match(/test\/web:9/);
    expect((await deployment()).status?.availableReplicas).to.be.at.least(1);
    await set("tag", "2");
    succeeds(await engine.pulumi("config", "rm", "timeoutSeconds"));
    succeeds(await up());
    await unchanged();
  });

  it("reverts what kubectl edit changed, after a refresh", async () => {
    const { metadata } = await deployment();
    const name = metadata?.name ?? "";
    const live = await apps.readNamespacedDeployment({ name, namespace: "shop" });
    if (live.spec) live.spec.replicas = 1;
    await apps.replaceNamespacedDeployment({ name, namespace: "shop", body: live, fieldManager: "kubectl-edit" });
    succeeds(await engine.pulumi("refresh", "--yes", "--skip-preview"));
    const shown = fails(await engine.pulumi("preview", "--diff")); // only an update adopts
    expect(shown)
      .to.match(/~ replicas: 1 => 2/)
      .and.to.match(/conflict with "kubectl-edit" .*\.spec\.replicas/);
    succeeds(await up());
    expect((await deployment()).spec?.replicas).to.equal(2);
  });

  it("reports a conflict with kubectl scale, and forces it on request", async () => {
    const { metadata } = await deployment();
    const name = metadata?.name ?? "";
    const scale = await apps.readNamespacedDeploymentScale({ name, namespace: "shop" });
    await apps.replaceNamespacedDeploymentScale({
      name,
      namespace: "shop",
      body: { ...scale, spec: { replicas: 1 } },
      fieldManager: "kubectl",
    });
    await set("replicas", "3");
    for (const command of ["preview", "up"]) {
      const failed = fails(await engine.pulumi(command, ...(command === "up" ? ["--yes", "--skip-preview"] : [])));
      expect(failed).to.match(/conflict with "kubectl" with subresource "scale" using apps\/v1: \.spec\.replicas/);
    }
    expect((await deployment()).spec?.replicas).to.equal(1);
    succeeds(await engine.pulumi("up", "--yes", "--skip-preview", { PULUMI_K8S_ENABLE_PATCH_FORCE: "true" }));
    expect((await deployment()).spec?.replicas).to.equal(3);
    await set("replicas", "2");
    succeeds(await up()); // it owns the field now
  });

  it("replaces what never changes in place", async () => {
    await set("storage", "128Mi");
    const before = await apps.readNamespacedStatefulSet({ name: "store", namespace: "shop" });
    expect(succeeds(await engine.pulumi("preview"))).to.match(
      /StatefulSet store (replace|create-replacement|delete-replaced)/,
    );
    succeeds(await up());
    const after = await apps.readNamespacedStatefulSet({ name: "store", namespace: "shop" });
    expect(after.metadata?.uid).to.not.equal(before.metadata?.uid);
    expect(after.status?.readyReplicas).to.equal(1);
  });

  it("scales to nothing and back", async () => {
    for (const replicas of [0, 2]) {
      await set("replicas", String(replicas));
      succeeds(await up());
      expect((await deployment()).status?.availableReplicas ?? 0).to.equal(replicas);
    }
  });

  it("destroys everything", async () => {
    succeeds(await engine.pulumi("destroy", "--yes", "--skip-preview"));
    for (const name of ["shop", "elsewhere"]) expect(await gone(core.readNamespace({ name })), name).to.equal(true);
  });

  it("reports an unreachable cluster, and removes its objects from the state on request", async () => {
    await set("replicas", "0");
    succeeds(await up());
    await cluster.kill();
    const failed = await engine.pulumi("destroy", "--yes", "--skip-preview");
    expect(fails(failed)).to.match(/cannot be deleted: cannot reach the Kubernetes API server https:/);
    expect(failed.seconds).to.be.below(30);
    await set("deleteUnreachable", "true");
    succeeds(await up()); // without a request to the cluster: only the provider's arguments change
    expect(succeeds(await engine.pulumi("destroy", "--yes", "--skip-preview"))).to.match(
      /removed from the state, but was not deleted/,
    );
  });
});
