/** The contract on a real cluster, by the local provider and the official one, and by the official random provider. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startCluster, type Cluster } from "../../../cluster/index.ts";
import { kubernetesProvider, serveProvider } from "../../../providers/index.ts";
import { sdkVersion } from "../../../providers/sdk-version.ts";
import type { Properties } from "../../../providers/values.ts";
import { openRun, type Run } from "../../../run/index.ts";
import { ensureCluster } from "../../../tools/index.ts";
import { kubernetesCases } from "../kubernetes/cases.ts";
import { randomCases } from "../random-cases.ts";
import { startFakeEngine, type FakeEngine } from "./engine-service.ts";
import { startPlugin, withOfficialPlugin } from "./official-plugins.ts";
import { describeResources, type ResourceCase, type Stage } from "./resource-contract.ts";
import { ResourceDriver } from "./resource-driver.ts";
import { WireProvider } from "./wire-provider.ts";

describe("the provider contract on real ground", function () {
  this.timeout(120_000);
  let run: Run;
  let cluster: Cluster;
  let engine: FakeEngine;

  before(async function () {
    this.timeout(1_200_000); // builds the tools where they are not there yet
    const binary = await ensureCluster(() => {});
    run = await openRun("contract-test");
    engine = await startFakeEngine();
    const imagesDir = join(run.directory, "images");
    mkdirSync(imagesDir);
    cluster = await startCluster({ run, binary, name: "contract", imagesDir });
  });
  after(async () => {
    engine?.stop();
    await run?.close();
  });

  const stageOf = (provider: WireProvider, stop: () => void | Promise<void> = () => undefined): Stage<undefined> => {
    const driver = new ResourceDriver(provider, {});
    const close = async (): Promise<void> => {
      provider.close();
      await stop();
    };
    return { near: driver, far: driver, world: undefined, close };
  };

  describeResources("of the local Kubernetes provider", kubernetesCases, async () => {
    const served = await serveProvider(kubernetesProvider());
    return stageOf(await WireProvider.open("kubernetes", served.port, { kubeconfig: cluster.kubeconfig }), served.stop);
  });

  const official = (name: string, cases: ResourceCase<undefined>[], config: () => Properties): void =>
    withOfficialPlugin(name, sdkVersion(name), (path) =>
      describeResources(`of the official ${name} provider`, cases, async () => {
        const port = await startPlugin(run, name, path, engine.address);
        return stageOf(await WireProvider.open(name, port, config(), engine.address));
      }),
    );
  official("kubernetes", kubernetesCases, () => ({ kubeconfig: cluster.kubeconfig }));
  official("random", randomCases, () => ({}));
});
