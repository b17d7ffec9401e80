import { readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { run } from "../../tools/command.ts";

describe("commands", function () {
  this.timeout(10_000);

  it("end at their time limit, with all that they started", async () => {
    const error = await run("sh", ["-c", "echo begun >&2; sleep 31415 & wait"], { limitSeconds: 1 }).then(
      String,
      String,
    );
    expect(error).to.contain("took longer than 1 s").and.to.contain("begun");
    const left = readdirSync("/proc").filter(
      (pid) => /^\d+$/.test(pid) && commandLine(pid).includes("sleep\0" + "31415"),
    );
    expect(left).to.deep.equal([]);
  });

  it("fail with what they said", async () => {
    const error = await run("sh", ["-c", "echo oh dear >&2; exit 4"], { limitSeconds: 5 }).then(String, String);
    expect(error).to.contain("ended with status 4").and.to.contain("oh dear");
  });

  it("hand on what they say line by line", async () => {
    const lines: string[] = [];
    const options = { limitSeconds: 5, onErrorLine: (line: string) => lines.push(line) };
    await run("sh", ["-c", "printf one >&2; sleep 0.1; printf ' and\\ntwo\\n' >&2"], options);
    expect(lines).to.deep.equal(["one and", "two"]);
  });

  it("get the environment on top of ours", async () => {
    const output = await run("sh", ["-c", "echo $ADDED $HOME"], { limitSeconds: 5, env: { ADDED: "x" } });
    expect(output).to.equal(`x ${process.env["HOME"]}\n`);
  });
});

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
