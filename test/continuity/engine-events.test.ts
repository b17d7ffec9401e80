import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { expect } from "chai";
import { describePending, trackPending } from "../../continuity/engine-events.ts";

type Kind = "resourcePreEvent" | "resOutputsEvent" | "resOpFailedEvent";

const event = (kind: Kind, name: string, { op = "update", custom = true } = {}): EngineEvent => {
  const urn = `urn:pulumi:dr::project::type::${name}`;
  return { sequence: 0, timestamp: 0, [kind]: { metadata: { op, urn, type: "type", new: { custom } } } } as never;
};

/** What is pending after each event. */
function follow(...events: EngineEvent[]): string[][] {
  const seen: string[][] = [];
  const track = trackPending((names) => seen.push([...names]));
  for (const one of events) track(one);
  return seen;
}

describe("what an update is waiting for", () => {
  it("is what the engine began and has not finished, oldest first", () => {
    expect(
      follow(
        event("resourcePreEvent", "a"),
        event("resourcePreEvent", "b"),
        event("resourcePreEvent", "c"),
        event("resOutputsEvent", "a"),
        event("resOpFailedEvent", "b"),
      ),
    ).to.deep.equal([["a"], ["a", "b"], ["a", "b", "c"], ["b", "c"], ["c"]]);
  });

  it("is no unchanged resource and no component, which waits for its children", () => {
    expect(
      follow(
        event("resourcePreEvent", "same", { op: "same" }),
        event("resourcePreEvent", "component", { custom: false }),
      ),
    ).to.deep.equal([]);
  });

  it("is shown in one short line", () => {
    expect(describePending([])).to.equal(undefined);
    expect(describePending(["a", "b", "c"])).to.equal("a, b, c");
    expect(describePending(["a", "b", "c", "d", "e"])).to.equal("a, b, c and 2 more");
  });
});
