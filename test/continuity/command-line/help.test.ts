import { existsSync, globSync, readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { expect } from "chai";
import { flagOf } from "../../../continuity/command-line/definition.ts";
import { checkedSections, commandsOf, runLine, sample, wordsOf, type Terminal } from "./support.ts";

const sections = await checkedSections();
const commands = commandsOf(sections);
const root = new URL("../../../", import.meta.url);

const helpOf = async (name: string, terminal: Terminal = {}): Promise<string> =>
  (await runLine(sections, [...wordsOf(name), "--help"], terminal)).out;

/** Examples and usage may mention other commands' options and are not wrapped. */
const flagsIn = (text: string): string[] => [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag);

describe("the help of a command", () => {
  for (const command of commands) {
    describe(command.name, () => {
      it("lists exactly its options", async () => {
        const help = await helpOf(command.name);
        const known = [...Object.keys(command.options).map(flagOf), "--help"];
        expect(flagsIn(help)).to.include.members(known);
        // In a checkout, the first `--` and what stands before it are npm's.
        const own = help.replaceAll(/npm run .* -- /g, "");
        expect(known).to.include.members(flagsIn(own));
      });

      it("shows examples that the command accepts", async () => {
        const help = await helpOf(command.name);
        expect(command.examples.length).to.be.at.least(1);
        for (const { line } of command.examples) {
          expect(help).to.contain(`\n  continuity ${line}\n`);
          expect(wordsOf(line).join(" ")).to.match(new RegExp(`^${command.name}( |$)`));
          const { status, problems } = await runLine(sections, wordsOf(line));
          expect([status, ...problems]).to.deep.equal([0]);
        }
      });

      it("lists its exit statuses, including invalid input", async () => {
        expect(await helpOf(command.name)).to.match(/\nExit status:\n(?: {2}.*\n)* {2}2 {2}/);
      });

      it("fits a terminal of 40 columns, except for lines to copy", async () => {
        const lines = (await helpOf(command.name, { columns: 40 })).split("\n");
        const tooLong = lines.filter((line) => line.length > 40 && !line.startsWith("  continuity "));
        expect(tooLong).to.deep.equal([]);
      });
    });
  }
});

describe("the help of a group", () => {
  for (const { name } of sections.flatMap(({ groups = [] }) => groups)) {
    it(`of ${name} lists its commands, with an example of each`, async () => {
      const help = await helpOf(name);
      for (const command of commands.filter((one) => one.name.startsWith(`${name} `))) {
        expect(help).to.match(new RegExp(`\n  ${command.name.slice(name.length + 1)} +\\S`));
        expect(help).to.contain(command.examples[0].line);
      }
    });
  }
});

describe("the help of the program", () => {
  it("groups every command under a heading", async () => {
    const help = await helpOf("");
    for (const { title, commands: own, groups = [] } of sections) {
      const [, block = ""] = help.split(`\n${title}\n`);
      const names = new Set(own.map(({ name }) => name.split(" ")[0] ?? ""));
      for (const name of names) expect(block.split("\n\n")[0]).to.match(new RegExp(`^ {2}${name} `, "m"));
      expect([...names]).to.include.members(groups.map(({ name }) => name));
    }
    expect(help).not.to.contain("Commands:");
  });

  it("shows examples, and ends with the location of the documentation", async () => {
    const help = await helpOf("");
    expect(help).to.contain("\n  continuity status --stack prod dr\n");
    const end = help.trimEnd().split("\n\n").at(-1) ?? "";
    const paths = [...end.matchAll(/docs\/[\w./-]*\w|docs\//g)].map(([path]) => path);
    expect(paths).to.have.length.above(1);
    for (const path of paths) expect(existsSync(new URL(path, root)), path).to.equal(true);
  });

  it("fits a terminal of 40 columns", async () => {
    const help = await helpOf("", { columns: 40 });
    const tooLong = help.split("\n").filter((line) => line.length > 40 && !line.startsWith("  continuity "));
    expect(tooLong).to.deep.equal([]);
  });
});

describe("colour in help", () => {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  beforeEach(() => {
    delete process.env["NO_COLOR"];
    delete process.env["FORCE_COLOR"];
    process.env["TERM"] = "xterm";
  });
  after(() => {
    for (const [name, value] of Object.entries({ NO_COLOR, FORCE_COLOR, TERM })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  const help = async (terminal: Terminal): Promise<string> =>
    (await runLine(sample().sections, ["brew", "--help"], terminal)).out;

  it("is used at a terminal, without affecting the text", async () => {
    const [coloured, plain] = [await help({ isTTY: true }), await help({ isTTY: false })];
    expect(coloured).to.contain("\u001b[1mOptions:\u001b[22m");
    expect(stripVTControlCharacters(coloured)).to.equal(plain);
    expect(plain).not.to.contain("\u001b");
  });

  it("is disabled by NO_COLOR and enabled by FORCE_COLOR", async () => {
    process.env["NO_COLOR"] = "1";
    expect(await help({ isTTY: true })).not.to.contain("\u001b");
    delete process.env["NO_COLOR"];
    process.env["FORCE_COLOR"] = "1";
    expect(await help({ isTTY: false })).to.contain("\u001b[1m");
  });
});

describe("commands in the documentation", () => {
  const files = [
    "README.md",
    ...globSync("docs/**/*.md", { cwd: root }).filter((file) => !file.startsWith("docs/reference/api/")),
  ];
  const lines = files.flatMap((file) =>
    [...readFileSync(new URL(file, root), "utf8").matchAll(/^ *(?:npm run -s )?continuity (?:-- )?(?!-->)(.*)$/gm)].map(
      ([, line = ""]) => ({ file, line: line.split(" #")[0]?.trim() ?? "" }),
    ),
  );

  it("are found", () => expect(lines).to.have.length.above(5));

  for (const { file, line } of lines) {
    it(`exist with their options: ${line} (${file})`, async () => {
      const { problems } = await runLine(sections, wordsOf(line));
      // Words in capitals are placeholders.
      expect(problems.filter((problem) => !/^\S+ is "[A-Z_]+"/.test(problem))).to.deep.equal([]);
    });
  }
});
