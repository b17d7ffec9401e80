/** Objectives of the parts are consistent with those of the whole and can be met. */
import { formatSeconds } from "../duration.ts";
import { planRecoveryTimes } from "../rto.ts";
import { check, finding, repeated } from "./check.ts";

export const tiersWithinTheWhole = check(["recovery", "tiers"], function* ({ recovery, tiers }) {
  for (const [index, tier] of tiers.entries()) {
    for (const objective of ["rto", "rpo"] as const) {
      if (tier[objective].seconds > recovery[objective].seconds) {
        yield finding(
          ["tiers", index, objective],
          `the objective of the whole service is ${recovery[objective].iso}`,
          `use at most ${recovery[objective].iso}`,
        );
      }
    }
  }
});

export const phasesWithinTheWhole = check(["recovery", "recoveryPhases"], function* ({ recovery, recoveryPhases }) {
  const last = recoveryPhases.at(-1);
  if (last && last.within.seconds > recovery.rto.seconds) {
    yield finding(
      ["recoveryPhases", recoveryPhases.length - 1, "within"],
      `the RTO of the whole service is ${recovery.rto.iso}`,
      "end the last phase by then",
    );
  }
});

export const standbysMeetTheirRto = check(["recovery", "tiers", "traffic"], function* (plan) {
  for (const { tier, seconds, met } of planRecoveryTimes(plan)) {
    const index = plan.tiers.findIndex((entry) => entry.tier === tier);
    if (!met) {
      yield finding(
        ["tiers", index, "rto"],
        `recovery is expected to take ${formatSeconds(seconds)} with the chosen standby modes`,
        "use warm-standby, shorten the durations in recovery.expected, or raise the RTO",
      );
    }
  }
});

export const oneTargetPerWindow = check(["availability"], ({ availability }) =>
  repeated(
    ["availability"],
    availability.map(({ window }) => window),
    "window",
  ),
);

export const redIsWorseThanTarget = check(["performance"], function* ({ performance }) {
  yield* repeated(
    ["performance"],
    performance.map(({ id }) => id),
    "id",
  );
  for (const [index, { target, redAbove }] of performance.entries()) {
    if (redAbove < target)
      yield finding(["performance", index, "redAbove"], `the target is ${target}`, `use at least ${target}`);
  }
});
