/** Every type that is created for real keeps one contract: made, read back, changed, found drifted, deleted. */
import { expect } from "chai";
import { awsProvider, type AwsProvider } from "../../../providers/aws/index.ts";
import { plainObject, type Properties } from "../../../providers/values.ts";
import { realTypes } from "../../../providers/aws/services/index.ts";
import { openBench, type Bench } from "../../aws/support.ts";
import { account, alarm, allow, cases, trust, type Ground } from "./cases.ts";
import { Engine, type State } from "./support.ts";

describe("resources of the local AWS provider", function () {
  this.timeout(60_000);
  let bench: Bench;
  let provider: AwsProvider;
  let near: Engine;
  let far: Engine;
  let ground: Ground;

  before(async () => {
    bench = await openBench();
    const { endpoint, globalEndpoint } = bench.aws;
    provider = awsProvider({ endpoint, globalEndpoint });
    near = new Engine(provider, { region: "eu-west-1" });
    far = near.with({ region: "eu-central-1" });
    ground = await prepare(near, far);
  });
  after(() => bench?.close());

  for (const one of cases) {
    describe(one.type, () => {
      let engine: Engine;
      let state: State;
      before(() => {
        engine = one.far ? far : near;
      });
      const refreshed = async (): Promise<State> => {
        const found = await engine.refresh(state);
        if (!found) throw new Error("it is gone");
        return found;
      };

      it("is made and read back as the program has it", async () => {
        state = await engine.create(one.type, "case", one.inputs(ground));
        expect(plainObject(state.outputs)).to.deep.include(one.outputs?.(ground) ?? {});
        const found = await refreshed();
        expect((await engine.diff(found, one.inputs(ground))).detailed).to.deep.equal({});
        const had = plainObject(state.outputs);
        for (const [key, value] of Object.entries(plainObject(found.outputs)))
          if (had[key] !== undefined) expect(value, key).to.deep.equal(had[key]);
      });

      it("needs no call to AWS when nothing changes", async () => {
        const calls = bench.aws.calls().length;
        expect(await engine.diff(state, one.inputs(ground))).to.include({ changes: false });
        expect(bench.aws.calls().length).to.equal(calls);
      });

      const { changed } = one;
      if (changed) {
        it("shows drift when something else changed it, then is brought back", async () => {
          await engine.update(state, changed(ground));
          const drifted = await refreshed();
          expect((await engine.diff(drifted, one.inputs(ground))).changes).to.equal(true);
          state = await engine.update(drifted, one.inputs(ground));
          expect((await engine.diff(await refreshed(), one.inputs(ground))).detailed).to.deep.equal({});
        });

        it("is changed in place", async () => {
          const diff = await engine.diff(state, changed(ground));
          expect(diff.replaces).to.deep.equal([]);
          expect(diff.changes).to.equal(true);
          const id = state.id;
          state = await engine.update(state, changed(ground));
          expect(state.id).to.equal(id);
          expect((await engine.diff(await refreshed(), changed(ground))).detailed).to.deep.equal({});
        });
      }

      it("is deleted, and deleting it twice does no harm", async () => {
        await engine.delete(state);
        if (!one.staysReadable) expect(await engine.refresh(state)).to.equal(undefined);
        await engine.delete(state);
        expect(provider.resources().filter(({ type, name }) => type === one.type && name === "case")).to.deep.equal([]);
      });
    });
  }

  it("has a case for each type", () => {
    const covered = new Set(cases.map(({ type }) => type));
    expect([...realTypes.keys()].filter((type) => !covered.has(type))).to.deep.equal([]);
  });
});

async function prepare(near: Engine, far: Engine): Promise<Ground> {
  const bucket = "ground-near";
  const farBucket = "ground-far";
  const plainBucket = "ground-plain";
  const make = (engine: Engine, type: string, inputs: Properties): Promise<State> =>
    engine.create(type, "ground", inputs);
  const versioned = async (engine: Engine, name: string): Promise<void> => {
    await make(engine, "aws:s3/bucket:Bucket", { bucket: name, objectLockEnabled: name === bucket });
    const versioningConfiguration = { status: "Enabled" };
    await make(engine, "aws:s3/bucketVersioning:BucketVersioning", { bucket: name, versioningConfiguration });
  };
  await versioned(near, bucket);
  await versioned(far, farBucket);
  await make(near, "aws:s3/bucket:Bucket", { bucket: plainBucket });
  const [role, key, topic, queue, secret] = await Promise.all([
    make(near, "aws:iam/role:Role", { name: "ground", assumeRolePolicy: trust }),
    make(near, "aws:kms/key:Key", { multiRegion: true }),
    make(near, "aws:sns/topic:Topic", { name: "ground" }),
    make(near, "aws:sqs/queue:Queue", {
      name: "ground",
      policy: allow("sqs:SendMessage", `arn:aws:sqs:eu-west-1:${account}:ground`, { Service: "s3.amazonaws.com" }),
    }),
    make(near, "aws:secretsmanager/secret:Secret", { name: "ground" }),
    make(near, "aws:cloudwatch/metricAlarm:MetricAlarm", alarm({ name: "ground" })),
  ]);
  const arn = (state: State): string => state.outputs.arn as string;
  return {
    bucket,
    farBucket,
    plainBucket,
    role: arn(role),
    key,
    topic: arn(topic),
    queue: arn(queue),
    secret: secret.id,
    far,
  };
}
