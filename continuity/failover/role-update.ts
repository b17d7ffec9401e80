import { CannotRun, messageOf } from "../cannot-run.ts";
import type { Role } from "../../contract/index.ts";
import type { FailoverContext } from "./context.ts";
import type { StepLog } from "./steps.ts";

/** The update to the active role, running concurrently with other steps. */
export interface RoleUpdate {
  /**
   * Resolves when the engine is working on the stack; rejects with CannotRun if it was locked out or could not start.
   */
  underWay: Promise<void>;
  /** Resolves with the reason why the update is incomplete; undefined: it is complete. Never rejects. */
  ended: Promise<string | undefined>;
  /** End of the update, in milliseconds since 1970; undefined while it is running. */
  endedAt(): number | undefined;
}

/** The role is the only setting that a failover changes; the program does the rest. */
export function startRoleUpdate(context: FailoverContext, steps: StepLog, signal: AbortSignal): RoleUpdate {
  const { stack, plan, progress, skipPolicies } = context;
  const start = Promise.withResolvers<void>();
  let [began, endedAt] = [false, undefined as number | undefined];
  const onUnderWay = (): void => {
    began = true;
    start.resolve();
  };
  const role = roleOf(stack);
  const switching = steps.run("Role update", async (phase) => {
    await role.activate();
    await stack.up({
      policies: skipPolicies === true ? "skip" : "previewed",
      continueOnError: true, // resources that do not depend on a failed one are still updated
      signal: AbortSignal.any([signal, AbortSignal.timeout(plan.recovery.rto.seconds * 1000)]),
      onUnderWay,
      onNote: (text) => progress.note(text),
      onAwaiting: (what) => phase.awaiting(what),
    });
  });
  const giveUp = async (error: unknown): Promise<void> => {
    const kept = await role.restore();
    start.reject(new CannotRun(`the failover was not started; ${kept ?? "nothing was changed"}`, [messageOf(error)]));
  };
  const ended = switching
    .then(onUnderWay)
    .then(() => undefined)
    .catch(async (error: unknown) => {
      if (!began) await giveUp(error);
      return messageOf(error);
    })
    .finally(() => (endedAt = Date.now()));
  start.promise.catch(() => {}); // the caller awaits it
  return { underWay: start.promise, ended, endedAt: () => endedAt };
}

/** The role in the stack's configuration. Only this command's own change is reverted: others may change it too. */
function roleOf(stack: Pick<FailoverContext["stack"], "role" | "setRole">) {
  let before: Role | undefined;
  return {
    async activate(): Promise<void> {
      const found = await stack.role(); // read again, since another failover may have started after the checks
      if (found === "active") return;
      before = found;
      await stack.setRole("active");
    },
    /** Returns why the role could not be reverted after a change. */
    async restore(): Promise<string | undefined> {
      if (before === undefined) return undefined;
      try {
        await stack.setRole(before);
        return undefined;
      } catch (error) {
        return `its role may now be active and could not be reset to ${before}: ${messageOf(error)}; set it before the next update`;
      }
    },
  };
}
