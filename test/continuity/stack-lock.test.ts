import { hostname } from "node:os";
import { expect } from "chai";
import {
  leftoversAmong,
  markedProcesses,
  processFacts,
  processMark,
  startedByVariable,
  type MarkedProcess,
  type ProcessFacts,
} from "../../continuity/processes.ts";
import { locksIn, ownerOf, settleLock, StackLocked, type Machine } from "../../continuity/stack-lock.ts";

const since = Date.parse("2026-01-15T10:00:00Z");
const lock = { user: "root", host: "here", pid: 27621, since };

/** The engine's error text. */
const text = `code: 255
 stderr: Command failed with exit code 255: pulumi up --yes --stack dr
error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  file:///state/.pulumi/locks/organization/vapora-continuity/dr/23ad6505.json?no_tmp_dir=true: created by root@here (pid 27621) at 2026-01-15T10:00:00Z
 err?: undefined`;

const engine = (change: Partial<ProcessFacts> = {}): ProcessFacts => ({
  command: ["/opt/bin/pulumi", "up", "--stack", "dr"],
  startedAt: since - 1000,
  startedBy: undefined,
  ...change,
});

const machine = (process: ProcessFacts | undefined, living: string[] = []): Machine => ({
  host: "here",
  process: (pid) => (pid === lock.pid ? process : undefined),
  lives: (mark) => living.includes(mark),
  end: () => expect.fail("a process was ended"),
});

const reasonOf = (promise: Promise<unknown>): Promise<Error | undefined> =>
  promise.then(
    () => undefined,
    (error: Error) => error,
  );

describe("the lock of a stack", () => {
  it("is parsed from the engine's error, including several", () => {
    expect(locksIn(text)).to.deep.equal([lock]);
    const second =
      "\n  s3://states/.pulumi/locks/dr/7.json: created by ci runner@ci-7.example (pid 9) at 2026-01-15T11:00:00+01:00";
    expect(locksIn(text + second)[1]).to.deep.equal({ user: "ci runner", host: "ci-7.example", pid: 9, since });
    expect(locksIn("error: [409] Conflict: Another update is currently in progress.")).to.deep.equal([]);
  });

  for (const [owner, what, on] of [
    ["gone", "whose process ended", machine(undefined)],
    ["gone", "whose number another program has", machine(engine({ command: ["/usr/bin/vim", "dr"] }))],
    [
      "gone",
      "whose process id a later engine of another stack has",
      machine(engine({ command: ["pulumi", "up", "--stack", "prod"], startedAt: since + 60_000 })),
    ],
    ["alive", "whose engine still runs", machine(engine())],
    ["alive", "of an engine of this stack, whatever the clock says", machine(engine({ startedAt: since + 60_000 }))],
    ["alive", "whose engine a living command drives", machine(engine({ startedBy: "12:345" }), ["12:345"])],
    ["alive", "of which no more than the number is known", machine(engine({ command: [], startedAt: -Infinity }))],
    ["orphan", "whose engine goes on although its command was killed", machine(engine({ startedBy: "12:345" }))],
    ["elsewhere", "of another host", { ...machine(undefined), host: "there" }],
  ] as const) {
    it(`${what}: its owner is ${owner}`, () => expect(ownerOf(lock, "dr", on)).to.equal(owner));
  }
});

describe("an update that finds its stack locked", () => {
  const settle = (on: Machine, takenOver = new Set<string>(), words = text, giveUpMs = 5000) => {
    const seen = { removed: 0, underWay: 0, notes: [] as string[] };
    const settled = settleLock(words, takenOver, {
      stack: "dr",
      machine: on,
      remove: async () => void seen.removed++,
      onUnderWay: () => seen.underWay++,
      onNote: (note) => seen.notes.push(note),
      graceMs: 300,
      signal: AbortSignal.timeout(giveUpMs),
    });
    return { seen, settled };
  };

  it("removes the lock of an owner that is gone, and reports it", async () => {
    const { seen, settled } = settle(machine(undefined));
    await settled;
    expect(seen).to.deep.include({ removed: 1, underWay: 0 });
    expect(seen.notes.join()).to.match(
      /removing the lock.*gone: root@here \(process 27621, since 2026-01-15T10:00:00.000Z/,
    );
  });

  it("removes it once: a lock that reappears is in use", async () => {
    const takenOver = new Set<string>();
    await settle(machine(undefined), takenOver).settled;
    const { seen, settled } = settle(machine(undefined), takenOver);
    expect(await reasonOf(settled)).to.be.instanceOf(StackLocked);
    expect(seen.removed).to.equal(0);
  });

  it("waits for an orphan's update without removing its lock", async () => {
    let left = 2;
    const orphan = engine({ startedBy: "12:345" });
    const { seen, settled } = settle({ ...machine(orphan), process: () => (left-- > 0 ? orphan : undefined) });
    await settled;
    expect(left).to.be.below(0);
    expect(seen).to.deep.include({ removed: 0, underWay: 1 });
    expect(seen.notes.join()).to.match(/still running; waiting for root@here \(process 27621/);
  });

  it("kills an orphan that waits for a response from the killed command", async () => {
    const command = ["pulumi", "up", "--event-log", "tcp://127.0.0.1:39639", "--stack", "dr"];
    const ended: number[] = [];
    const orphan = engine({ command, startedBy: "12:345" });
    const process = () => (ended.length === 0 ? orphan : undefined);
    const { seen, settled } = settle({ ...machine(orphan), process, end: (pid) => void ended.push(pid) });
    await settled;
    expect(ended).to.deep.equal([lock.pid]);
    expect(seen.notes.join()).to.match(/killing process 27621: it waits for a response/);
  });

  it("does not kill an orphan that can finish", async () => {
    const { settled } = settle(machine(engine({ startedBy: "12:345" })), new Set(), text, 700);
    expect((await reasonOf(settled))?.name).to.equal("AbortError"); // it waited until aborted
  });

  for (const [what, on, words] of [
    ["lives", machine(engine()), text],
    ["is on another host", { ...machine(undefined), host: "there" }, text],
    ["is not named", machine(undefined), "[409] Conflict: Another update is currently in progress."],
  ] as const) {
    it(`removes nothing if the owner ${what}, and shows facts and command`, async () => {
      const { seen, settled } = settle(on, new Set(), words);
      const error = await reasonOf(settled);
      expect(error).to.be.instanceOf(StackLocked);
      expect(error?.message).to.match(/stack "dr" is locked by .*pulumi cancel --yes --stack dr$/);
      if (words === text) expect(error?.message).to.match(/root@here \(process 27621, since 2026-01-15T10/);
      expect(seen).to.deep.equal({ removed: 0, underWay: 0, notes: [] });
    });
  }
});

describe("facts of a process", () => {
  it("include command, age and starter", () => {
    const facts = processFacts(process.pid);
    expect(facts?.command[0]).to.match(/node/);
    expect(facts?.startedAt).to.be.closeTo(Date.now() - process.uptime() * 1000, 1000);
    expect(facts?.startedBy).to.equal(process.env[startedByVariable]);
    expect(processMark(process.pid)).to.match(/^\d+:\d+$/);
  });

  it("are undefined without such a process", () => {
    const beyondEveryNumber = 2 ** 22 + 1;
    expect(processFacts(beyondEveryNumber)).to.equal(undefined);
    expect(processMark(beyondEveryNumber)).not.to.match(/\d$/);
  });

  it("default to this machine", () => {
    const own = { user: "me", host: hostname(), pid: process.pid, since: Date.now() };
    expect(ownerOf(own, "dr")).to.equal("gone"); // it is running, but is not an engine
    expect(ownerOf({ ...own, host: "elsewhere.example" }, "dr")).to.equal("elsewhere");
  });
});

describe("processes left by killed commands", () => {
  const host = { pid: 2, command: ["/opt/bin/pulumi-language-nodejs", "127.0.0.1:1"], startedBy: "12:345" };
  const program = { pid: 3, command: ["node", "/p/@pulumi/pulumi/cmd/run/index.js"], startedBy: "12:345" };
  const engineAt = (...words: string[]): MarkedProcess => ({ pid: 1, command: words, startedBy: "12:345" });
  const dead = () => false;

  it("include all their processes once the engine is gone", () => {
    expect(leftoversAmong([host, program], dead)).to.deep.equal([2, 3]);
  });

  it("include an engine running a preview, which holds no lock", () => {
    expect(leftoversAmong([engineAt("/opt/bin/pulumi", "preview", "--stack", "dr"), program], dead)).to.have.length(2);
  });

  it("exclude those of an update that may still run: its lock decides", () => {
    expect(leftoversAmong([engineAt("pulumi", "up", "--stack", "dr"), host, program], dead)).to.deep.equal([]);
  });

  it("exclude those of a running command", () => {
    expect(leftoversAmong([host, program], (mark) => mark === "12:345")).to.deep.equal([]);
    expect(leftoversAmong([{ ...host, startedBy: processMark(process.pid) }])).to.deep.equal([]);
  });

  it("are found by a command's mark", () => {
    for (const { startedBy } of markedProcesses()) expect(startedBy).to.match(/^\d+:\d*$/);
  });
});
