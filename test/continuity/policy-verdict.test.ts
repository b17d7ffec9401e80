import { CommandError, type EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { expect } from "chai";
import { findVerdict } from "../../continuity/policy-verdict.ts";

const failed = (): CommandError => Object.assign(Object.create(CommandError.prototype), { message: "code: 255" });
const urn = (name: string): string => `urn:pulumi:dr::vapora-continuity::kubernetes:apps/v1:Deployment::${name}`;

const refusal = (name: string): EngineEvent =>
  ({ diagnosticEvent: { severity: "error", urn: urn(name), message: "denied" } }) as EngineEvent;
const violation = {
  policyEvent: { enforcementLevel: "mandatory", policyName: "export-meets-rpo", message: "late" },
} as EngineEvent;
/** An error of the program itself. */
const broken = { diagnosticEvent: { severity: "error", message: "the program threw" } } as EngineEvent;

/** An engine that stops at the first rejected object, and runs the policies if there is none. */
function engine(refused: string[], { breaks = [], throws = false }: { breaks?: EngineEvent[]; throws?: boolean } = {}) {
  const rounds: string[][] = [];
  const preview: Parameters<typeof findVerdict>[0] = async ({ exclude, onEvent }) => {
    rounds.push([...exclude]);
    const next = refused.find((name) => !exclude.includes(urn(name)));
    const events = next === undefined ? (throws ? [broken] : breaks) : [refusal(next)];
    events.forEach(onEvent);
    if (events.length > 0) throw failed();
  };
  return { preview, rounds };
}

describe("the policies' verdict on an update", () => {
  it("needs one preview if nothing is rejected", async () => {
    const { preview, rounds } = engine([]);
    expect(await findVerdict(preview)).to.deep.equal({ violations: [], failures: [], unfinished: undefined });
    expect(rounds).to.deep.equal([[]]);
  });

  it("covers the rest if the cluster rejects something", async () => {
    const { preview, rounds } = engine(["analytics", "llm-routing"]);
    const failures = ["analytics: denied", "llm-routing: denied"];
    expect(await findVerdict(preview)).to.deep.equal({ violations: [], failures, unfinished: undefined });
    expect(rounds.at(-1)).to.deep.equal([urn("analytics"), urn("llm-routing")]);
  });

  it("reports the violations of the rest", async () => {
    const found = await findVerdict(engine(["analytics"], { breaks: [violation] }).preview);
    expect(found.violations).to.deep.equal(["export-meets-rpo: late"]);
    expect(found.unfinished).to.equal(undefined);
  });

  it("is missing if the rest cannot be previewed either", async () => {
    const { violations, failures, unfinished } = await findVerdict(engine(["analytics"], { throws: true }).preview);
    expect([violations, failures]).to.deep.equal([[], ["analytics: denied"]]);
    expect(unfinished).to.match(/the policies did not run: /);
  });

  it("is missing if an excluded object is still rejected", async () => {
    let rounds = 0;
    const { unfinished } = await findVerdict(async ({ onEvent }) => {
      rounds++;
      onEvent(refusal("analytics"));
      throw failed();
    });
    expect([rounds, unfinished]).to.deep.equal([2, "the policies did not run: analytics: denied"]);
  });

  it("is missing if the engine times out", async () => {
    const { unfinished } = await findVerdict(() => Promise.reject(new Error("no answer within 120 s")));
    expect(unfinished).to.equal("the policies did not run: no answer within 120 s");
  });
});
