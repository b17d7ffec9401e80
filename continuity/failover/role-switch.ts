import { CannotRun, messageOf } from "../cannot-run.ts";
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
  const { stack, settings, plan, progress, skipPolicies } = context;
  const start = Promise.withResolvers<void>();
  let [began, endedAt] = [false, undefined as number | undefined];
  const onUnderWay = (): void => {
    began = true;
    start.resolve();
  };
  const switching = steps.run("Role switch", async (phase) => {
    await stack.setRole("active");
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
    await stack.setRole(settings.role).catch(() => {}); // the reason is in the error already
    start.reject(new CannotRun("the switch was not begun; nothing was changed", [messageOf(error)]));
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
