import { CannotRun, messageOf } from "../cannot-run.ts";
import type { Role } from "../../contract/index.ts";
import type { FailoverContext } from "./context.ts";
import type { StepLog } from "./steps.ts";

/** The update that gives the site its active role, while other steps go on. */
export interface RoleSwitch {
  /** Settles when the engine is at work on the stack; rejects with CannotRun where it was kept out or could not start. */
  underWay: Promise<void>;
  /** Settles with the reason why the update is not complete, undefined where it is. Never rejects. */
  ended: Promise<string | undefined>;
  /** Milliseconds since 1970; undefined while the update goes on. */
  endedAt(): number | undefined;
}

/** The stack's role is the one setting that a switch changes; the program does the rest. */
export function startRoleSwitch(context: FailoverContext, steps: StepLog, signal: AbortSignal): RoleSwitch {
  const { stack, plan, progress, skipPolicies } = context;
  const start = Promise.withResolvers<void>();
  let [began, endedAt] = [false, undefined as number | undefined];
  const onUnderWay = (): void => {
    began = true;
    start.resolve();
  };
  const role = roleOf(stack);
  const switching = steps.run("Role switch", async (phase) => {
    await role.activate();
    await stack.up({
      policies: skipPolicies === true ? "skip" : "previewed",
      continueOnError: true, // what does not need the part that failed comes up all the same
      signal: AbortSignal.any([signal, AbortSignal.timeout(plan.recovery.rto.seconds * 1000)]),
      onUnderWay,
      onNote: (text) => progress.note(text),
      onResource: ({ op, urn }) => phase.awaiting(`${op} ${urn.split("::").at(-1)}`),
    });
  });
  const giveUp = async (error: unknown): Promise<void> => {
    const kept = await role.restore();
    start.reject(new CannotRun(`the switch was not begun; ${kept ?? "nothing was changed"}`, [messageOf(error)]));
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

/** The role in the stack's settings, of which only this command's own change is taken back: others may switch it too. */
function roleOf(stack: Pick<FailoverContext["stack"], "role" | "setRole">) {
  let before: Role | undefined;
  return {
    async activate(): Promise<void> {
      const found = await stack.role(); // not what the checks saw: another switch may have begun meanwhile
      if (found === "active") return;
      before = found;
      await stack.setRole("active");
    },
    /** Returns why the role stays as it is although it was changed. */
    async restore(): Promise<string | undefined> {
      if (before === undefined) return undefined;
      try {
        await stack.setRole(before);
        return undefined;
      } catch (error) {
        return `its role may be active now and could not be set back to ${before}: ${messageOf(error)}; set it before the next update`;
      }
    },
  };
}
