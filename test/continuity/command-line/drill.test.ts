import { expect } from "chai";
import { findDrill } from "../../../continuity/commands/index.ts";
import { runLine } from "./support.ts";

describe("the drill as a command", () => {
  it("is the one of the repository", async () => {
    expect(Object.keys((await findDrill()).options)).to.include.members(["scenario", "rows", "fault"]);
  });

  it("is refused with what to do where the package has none, whatever its options", async () => {
    const absent = await findDrill(new URL("absent.ts", import.meta.url));
    const sections = [{ title: "Prove:", commands: [absent] }];
    for (const args of [["drill"], ["drill", "--rows", "10"]]) {
      const { status, problems } = await runLine(sections, args);
      expect(status).to.equal(2);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(/^drill is missing, but .*only in the repository; run npm ci && npm run drill/);
    }
    expect((await runLine(sections, ["--help"])).out).to.match(/drill .*\(in\s+a\s+checkout/);
  });
});
