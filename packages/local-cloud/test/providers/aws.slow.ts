/** The life of a program under the real engine, in two regions of the emulator, with the local providers. */
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { awsProvider, type AwsProvider } from "../../providers/aws/index.ts";
import { startProviders, type StartedProviders } from "../../providers/index.ts";
import { ensurePulumi } from "../../tools/index.ts";
import { central, openBench, west, type Bench } from "../aws/support.ts";
import { makeEngine, type CommandResult, type Engine } from "./engine.ts";

describe("AWS provider under the real engine", function () {
  this.timeout(180_000);
  this.bail(true);

  let bench: Bench;
  let provider: AwsProvider;
  let providers: StartedProviders;
  let engine: Engine;

  before(async function () {
    this.timeout(1_200_000); // builds the tools where they are not there yet
    const { pulumi, binDir } = await ensurePulumi(() => {});
    bench = await openBench();
    provider = awsProvider({ endpoint: bench.aws.endpoint, globalEndpoint: bench.aws.globalEndpoint });
    providers = await startProviders([provider]);
    const program = fileURLToPath(new URL("aws/program", import.meta.url));
    const { debugProviders } = providers;
    engine = makeEngine({ directory: bench.run.directory, program, pulumi, binDir, debugProviders });
    succeeds(await engine.pulumi("stack", "init", "dev"));
    succeeds(await engine.pulumi("config", "set", "--secret", "key", "hunter2-hunter2"));
  });
  after(async () => {
    await providers?.stop();
    await bench?.close();
  });

  const succeeds = (result: CommandResult): string => {
    expect(result.code, result.text).to.equal(0);
    return result.text;
  };
  const up = (): Promise<CommandResult> => engine.pulumi("up", "--yes", "--skip-preview");
  const state = async (): Promise<string> => succeeds(await engine.pulumi("stack", "export"));

  it("previews without a call to AWS", async () => {
    expect(succeeds(await engine.pulumi("preview"))).to.match(/\+ 13 to create/);
    expect(bench.aws.calls()).to.deep.equal([]);
  });

  it("rejects unknown properties before creating anything", async () => {
    succeeds(await engine.pulumi("config", "set", "wrong", "true"));
    const refused = await up();
    expect(refused.code).not.to.equal(0);
    expect(refused.text).to.contain("mfaDelet").and.to.contain("did you mean mfaDelete?");
    expect(bench.aws.calls().filter(({ operation }) => operation === "PutBucketVersioning")).to.deep.equal([]);
    succeeds(await engine.pulumi("config", "rm", "wrong"));
  });

  it("makes each resource in its own region", async () => {
    succeeds(await up());
    const regionOf = (name: string): string[] => [
      ...new Set(bench.aws.calls().flatMap(({ operation, region }) => (operation === name ? [region] : []))),
    ];
    expect(regionOf("CreateBucket")).to.deep.equal([west]);
    expect(regionOf("CreateTopic")).to.deep.equal([central]);
    expect(regionOf("CreateRole")).to.deep.equal(["global"]);
    expect(regionOf("CreateHealthCheck")).to.deep.equal(["global"]);
    expect(provider.recordedTypes()).to.deep.equal(["aws:acm/certificate:Certificate"]);
    const check = provider.resources().find(({ type }) => type === "aws:route53/healthCheck:HealthCheck");
    expect(check).to.have.property("real", true);
    expect(check?.inputs.cloudwatchAlarmName).to.match(/^switch-[0-9a-f]{7}$/);
  });

  it("encrypts secrets in the state", async () => {
    expect(await state())
      .to.contain("ciphertext")
      .and.not.to.contain("hunter2");
  });

  it("changes nothing and calls nothing the second time", async () => {
    const { length } = bench.aws.calls();
    expect(succeeds(await up())).to.contain("13 unchanged");
    expect(bench.aws.calls().length).to.equal(length);
  });

  it("finds no drift where there is none", async () => {
    expect(succeeds(await engine.pulumi("refresh", "--yes", "--skip-preview"))).to.contain("13 unchanged");
    succeeds(await engine.pulumi("preview", "--expect-no-changes"));
  });

  it("changes in place what can be, and replaces the rest beside the old", async () => {
    succeeds(await engine.pulumi("config", "set", "displayName", "Changed"));
    succeeds(await engine.pulumi("config", "set", "locked", "true"));
    const text = succeeds(await up());
    expect(text)
      .to.match(/~ {2}aws:sns:Topic alarms updat/)
      .and.to.match(/\+-|replaced/);
    const buckets = bench.aws.calls().filter(({ operation }) => /^(Create|Delete)Bucket$/.test(operation));
    expect(buckets.map(({ operation }) => operation)).to.deep.equal(["CreateBucket", "CreateBucket", "DeleteBucket"]);
  });

  it("deletes everything", async () => {
    succeeds(await engine.pulumi("destroy", "--yes", "--skip-preview"));
    expect(provider.resources()).to.deep.equal([]);
  });
});
