import { expect } from "chai";
import { startRoleUpdate } from "../../continuity/failover/role-update.ts";
import { StepLog } from "../../continuity/failover/steps.ts";
import type { UpdateOptions } from "../../continuity/stacks.ts";
import type { Role } from "../../contract/index.ts";
import { failoverContext, silent } from "./failover-context.ts";
import { FakeCluster } from "./fake-cluster.ts";

/** Settings of one stack, shared by all commands. */
class Settings {
  role: Role = "standby";
  readonly writes: Role[] = [];
  /** A write that fails. */
  refuses: Role | undefined;

  switchWith(up: (options: UpdateOptions) => Promise<void>) {
    const stack = {
      preview: async () => ({ violations: [], failures: [], unfinished: undefined }),
      role: async () => this.role,
      setRole: async (role: Role) => {
        if (role === this.refuses) throw new Error("the disk is full");
        this.writes.push((this.role = role));
      },
      up: (options: UpdateOptions = {}) => up(options),
    };
    // Both commands read "standby" at their start.
    const context = failoverContext(new FakeCluster(), { stack });
    return startRoleUpdate(context, new StepLog(silent), new AbortController().signal);
  }
}

const locked = (): Promise<void> => Promise.reject(new Error("locked by ada@elsewhere"));
const reasonOf = (promise: Promise<unknown>): Promise<Error | undefined> =>
  promise.then(
    () => undefined,
    (error: Error) => error,
  );

describe("the role during a failover", () => {
  it("remains active if a second failover is locked out by the first", async () => {
    const settings = new Settings();
    const finish = Promise.withResolvers<void>();
    const first = settings.switchWith(async ({ onUnderWay }) => {
      onUnderWay?.();
      await finish.promise;
    });
    await first.underWay;
    const second = settings.switchWith(locked);
    expect((await reasonOf(second.underWay))?.message).to.match(/nothing was changed.*locked by ada/s);
    finish.resolve();
    expect(await first.ended).to.equal(undefined);
    expect([settings.role, settings.writes]).to.deep.equal(["active", ["active"]]);
  });

  it("is reset if the failover that changed it is locked out", async () => {
    const settings = new Settings();
    await reasonOf(settings.switchWith(locked).underWay);
    expect([settings.role, settings.writes]).to.deep.equal(["standby", ["active", "standby"]]);
  });

  it("is reported if it cannot be reset", async () => {
    const settings = new Settings();
    settings.refuses = "standby";
    const error = await reasonOf(settings.switchWith(locked).underWay);
    expect(error?.name).to.equal("CannotRun");
    expect(error?.message)
      .to.match(/could not be reset to standby: the disk is full.*locked by ada/s)
      .and.not.match(/nothing was changed/);
  });
});
