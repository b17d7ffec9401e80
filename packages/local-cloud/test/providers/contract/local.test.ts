/** The contract in this process: random, Kubernetes on an API server in memory, and AWS types that are records. */
import { awsProvider } from "../../../providers/aws/index.ts";
import { kubernetesProvider, randomProvider, serveProvider } from "../../../providers/index.ts";
import type { LocalProvider } from "../../../providers/provider.ts";
import { sdkVersion } from "../../../providers/sdk-version.ts";
import type { Properties } from "../../../providers/values.ts";
import { recordCases } from "../aws/record-cases.ts";
import { clusterChanges } from "../kubernetes/cluster-changes.ts";
import { kubernetesCases } from "../kubernetes/cases.ts";
import { startMemoryApiServer } from "../kubernetes/memory-api-server.ts";
import { randomCases } from "../random-cases.ts";
import { describePackage, type PackageCase } from "./package-contract.ts";
import { describeResources, type Stage } from "./resource-contract.ts";
import { ResourceDriver } from "./resource-driver.ts";
import { WireProvider } from "./wire-provider.ts";

interface Served {
  provider: WireProvider;
  stop(): Promise<void>;
}

async function serve(local: LocalProvider, config: Properties): Promise<Served> {
  const served = await serveProvider(local);
  const provider = await WireProvider.open(local.package, served.port, config);
  return {
    provider,
    stop: async () => {
      provider.close();
      await served.stop();
    },
  };
}

async function stage(local: LocalProvider, config: Properties): Promise<Stage<undefined>> {
  const { provider, stop } = await serve(local, config);
  const driver = new ResourceDriver(provider, {});
  return { near: driver, far: driver, world: undefined, close: stop };
}

/** AWS without an endpoint: a call would fail the test. */
const offlineAws = (): LocalProvider =>
  awsProvider({
    endpoint: () => {
      throw new Error("no call to AWS may be made here");
    },
    globalEndpoint: "http://127.0.0.1:1",
  });
const west = { region: "eu-west-1" };

describe("the provider contract", () => {
  describeResources("of the local random provider", randomCases, () => stage(randomProvider(), {}));
  describeResources("of the local AWS provider, for records", recordCases, () => stage(offlineAws(), west));
  describeResources("of the local Kubernetes provider", kubernetesCases, async () => {
    const server = await startMemoryApiServer();
    const { close, ...rest } = await stage(kubernetesProvider(), server.config);
    return {
      ...rest,
      requests: () => server.asked.length,
      writes: server.writes,
      close: async () => {
        await close();
        await server.stop();
      },
    };
  });

  const packages: [() => LocalProvider, Properties, Partial<PackageCase>][] = [
    [randomProvider, {}, {}],
    [
      kubernetesProvider,
      {},
      { badConfig: { config: { context: "no-such-context" }, property: "" }, replacements: clusterChanges },
    ],
    [
      offlineAws,
      west,
      {
        badConfig: { config: { allowedAccountIds: '["1"]' }, property: "allowedAccountIds" },
        invoke: {
          token: "aws:index/getPartition:getPartition",
          args: {},
          output: "partition",
          value: "aws",
        },
      },
    ],
  ];
  for (const [make, config, more] of packages) {
    const local = make();
    let served: Served;
    describe(`of the package ${local.package}`, () => {
      before(async () => (served = await serve(local, config)));
      after(() => served?.stop());
      describePackage("as a whole", {
        provider: () => served.provider,
        version: sdkVersion(local.package),
        config: () => config,
        ...more,
      });
    });
  }
});
