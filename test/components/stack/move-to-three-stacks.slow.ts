/** The commands of docs/how-to/move-to-three-stacks.md, under the real engine, on a deployment of two stacks. */
import { execFile } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import type { StartedProviders } from "@vapora-continuity/local-cloud/providers";
import { openRun, type Run } from "@vapora-continuity/local-cloud/run";
import { ensurePulumi } from "@vapora-continuity/local-cloud/tools";
import { startRecordingProviders } from "../../support/recording-providers.ts";
import { stackEngine, type Result, type StackEngine } from "../../support/stack-engine.ts";

const repository = resolve(import.meta.dirname, "../../..");

interface State {
  urn: string;
  type: string;
  id?: string;
  custom: boolean;
  protect?: boolean;
  inputs: unknown;
  outputs: unknown;
}

const nameOf = ({ urn }: State): string => urn.split("::").slice(2).join("::");

/** The blocks of commands, in the order of the steps. */
const steps = [...readFileSync(join(repository, "docs/how-to/move-to-three-stacks.md"), "utf8").matchAll(blocks())].map(
  ([, commands = ""]) => commands,
);
function blocks(): RegExp {
  return /^ *```sh\n([\s\S]*?)^ *```$/gm;
}

describe("moving a deployment of two stacks to three", function () {
  this.timeout(300_000);

  let run: Run;
  let providers: StartedProviders;
  let engine: StackEngine;
  const earlier: Record<string, State[]> = {};

  const succeeds = ({ code, text }: Result): string => {
    expect(code, text).to.equal(0);
    return text;
  };
  const up = async (stack: string): Promise<string> =>
    succeeds(await engine.pulumi("up", "--stack", stack, "--yes", "--skip-preview"));
  const stateOf = async (stack: string): Promise<State[]> => {
    const text = succeeds(await engine.pulumi("stack", "export", "--show-secrets", "--stack", stack));
    const { deployment } = JSON.parse(text) as { deployment: { resources?: State[] } };
    return (deployment.resources ?? []).filter(({ type }) => type !== "pulumi:pulumi:Stack");
  };
  const shell = async (commands: string): Promise<string> => {
    const env = { ...process.env, ...engine.env, PULUMI_NON_INTERACTIVE: "true" };
    const limits = { timeout: 180_000, maxBuffer: 64 * 1024 * 1024 };
    const script = `set -eux\n${commands}`;
    const { stdout, stderr } = await promisify(execFile)("bash", ["-c", script], {
      cwd: engine.project,
      env,
      ...limits,
    });
    return stdout + stderr;
  };

  before(async function () {
    this.timeout(1_200_000); // builds the engine if necessary
    const tools = await ensurePulumi(() => {});
    run = await openRun("move-test");
    providers = await startRecordingProviders();
    engine = stackEngine(run.directory, "test/components/stack/two-stacks", tools, providers.debugProviders);
    symlinkSync(engine.policyPack, join(engine.project, "policies"));
    for (const stack of ["prod", "dr"]) {
      succeeds(await engine.pulumi("stack", "init", stack));
      succeeds(await engine.pulumi("config", "set", "hostedZoneName", "vapora.example", "--stack", stack));
      await up(stack);
      earlier[stack] = await stateOf(stack);
    }
    engine.use("main.js");
  });

  after(async () => {
    await providers?.stop();
    await run?.close();
  });

  it("is needed: until then an update of prod is refused before it deletes anything", async () => {
    const { code, text } = await engine.pulumi("up", "--stack", "prod", "--yes", "--skip-preview");
    expect(code).not.to.equal(0);
    expect(text.replace(/\s+/g, " ")).to.contain(
      'site is "primary", but must not be updated while its stack owns what',
    );
    const left = (await stateOf("prod")).filter(({ type }) => type !== "pulumi:providers:pulumi");
    expect(left.map(nameOf)).to.have.members(earlier["prod"]!.map(nameOf));
  });

  it("is not needed to update dr, as a failover does", async () => {
    succeeds(await engine.pulumi("preview", "--stack", "dr", "--expect-no-changes"));
  });

  it("runs the commands of the page without a change of anything deployed", async () => {
    expect(steps).to.have.length(4);
    for (const commands of steps.slice(0, 3)) await shell(commands);
  });

  it("keeps every resource with its id, inputs, outputs and protection, in exactly one stack", async () => {
    const [shared, prod] = [await stateOf("shared"), await stateOf("prod")];
    const essence = (state: State) => {
      const { id, protect, inputs, outputs } = state;
      return JSON.stringify([nameOf(state), id, protect, inputs, outputs]);
    };
    const real = (states: State[]) => states.filter(({ type }) => !type.startsWith("pulumi:providers:")).map(essence);
    expect([...real(shared), ...real(prod)]).to.have.deep.members(real(earlier["prod"]!));
    const kinds = new Set(shared.map(({ type }) => type));
    expect(kinds).to.include.keys(
      "aws:s3/bucket:Bucket",
      "aws:kms/key:Key",
      "aws:iam/role:Role",
      "aws:route53/record:Record",
    );
  });

  it("leaves two entries of providers in prod, which its next update removes", async () => {
    const text = await up("prod");
    const touched = [...text.matchAll(/^ [-+~]+ +(\S+) (\S+) (created|updated|deleted|replaced)/gm)];
    expect(touched.map(([, type, name, what]) => `${what} ${type} ${name}`)).to.have.members([
      "deleted pulumi:providers:aws alternate",
      "deleted pulumi:providers:aws global",
    ]);
    for (const stack of ["shared", "prod", "dr"]) {
      succeeds(await engine.pulumi("preview", "--stack", stack, "--expect-no-changes"));
    }
  });
});
