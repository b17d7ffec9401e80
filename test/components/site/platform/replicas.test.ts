import { expect } from "chai";
import { replicasOf, type TierReplicas } from "../../../../components/site/platform/replicas.ts";
import type { Role } from "../../../../contract/index.ts";
import type { StandbyMode } from "../../../../plan/index.ts";

describe("pods of a service", () => {
  const cases: [tier: number, mode: StandbyMode, role: Role, chosen: TierReplicas, pods: number][] = [
    [1, "warm-standby", "active", {}, 2],
    [2, "warm-standby", "active", {}, 1],
    [3, "pilot-light", "active", {}, 1],
    [1, "warm-standby", "standby", {}, 2],
    [2, "warm-standby", "standby", {}, 1],
    [1, "pilot-light", "standby", {}, 0],
    [2, "pilot-light", "standby", {}, 0],
    [1, "warm-standby", "isolated", {}, 0],
    [1, "pilot-light", "active", { 1: 5 }, 5],
    [1, "warm-standby", "standby", { 1: 5 }, 5],
    [2, "pilot-light", "standby", { 2: 5 }, 0],
    [1, "warm-standby", "isolated", { 1: 5 }, 0],
    [2, "warm-standby", "active", { 1: 5 }, 1],
  ];

  for (const [tier, mode, role, chosen, pods] of cases) {
    const setting = JSON.stringify(chosen);
    it(`are ${pods} in tier ${tier}, ${mode}, on a site that is ${role}, with tierReplicas ${setting}`, () => {
      expect(replicasOf(tier, mode, role, chosen)).to.equal(pods);
    });
  }
});
