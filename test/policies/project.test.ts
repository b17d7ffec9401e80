import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { projectVariable } from "../../contract/index.ts";
import { projectDirectory } from "../../policies/reading/project.ts";
import { startMocks } from "../support/pulumi-mocks.ts";

describe("the project whose plan a policy pack uses", () => {
  const before = { [projectVariable]: process.env[projectVariable], PWD: process.env["PWD"] };
  let folder: string;

  /** Environment of the pack; undefined removes a variable. */
  const environment = (values: Record<string, string | undefined>): void => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };

  /** A folder with a Pulumi.yaml for that project name. */
  const project = (path: string, name: string): string => {
    const directory = join(folder, path);
    mkdirSync(join(directory, "policies/reading"), { recursive: true });
    writeFileSync(join(directory, "Pulumi.yaml"), `name: ${name}\nruntime: nodejs\n`);
    return directory;
  };

  beforeEach(async () => {
    await startMocks(); // of a project vapora-continuity
    folder = realpathSync(mkdtempSync(join(tmpdir(), "project-test-")));
    environment({ [projectVariable]: undefined, PWD: folder });
  });
  afterEach(() => {
    environment(before);
    rmSync(folder, { recursive: true });
  });

  it("is the one that contains the pack", () => {
    const own = project("own", "vapora-continuity");
    expect(projectDirectory(join(own, "policies/reading"))).to.equal(own);
  });

  it("is the same if the command was started in it, even by another path", () => {
    const own = project("own", "vapora-continuity");
    symlinkSync(own, join(folder, "link"));
    environment({ PWD: join(folder, "link/policies") });
    expect(projectDirectory(join(own, "policies"))).to.equal(own);
  });

  it("is the one in the environment, wherever the pack is", () => {
    const [own, other] = [project("own", "vapora-continuity"), project("other", "vapora-continuity")];
    environment({ [projectVariable]: own, PWD: other });
    expect(projectDirectory(join(other, "policies"))).to.equal(own);
  });

  it("is not an unrelated project that contains the pack", () => {
    const other = project("other", "shop");
    expect(() => projectDirectory(join(other, "policies"))).to.throw(
      /no Pulumi\.yaml of project vapora-continuity above the pack in .+; set CONTINUITY_PROJECT/,
    );
  });

  it("is not guessed if there is none", () => {
    expect(() => projectDirectory(folder)).to.throw(/no Pulumi\.yaml of project vapora-continuity/);
  });

  it("is not the pack's copy of the project if the command was started in another", () => {
    const [own, other] = [project("own", "vapora-continuity"), project("other", "vapora-continuity")];
    environment({ PWD: own });
    expect(() => projectDirectory(join(other, "policies"))).to.throw(
      `both in ${other}, above the pack, and in ${own}; set CONTINUITY_PROJECT`,
    );
  });

  it("is not a folder in the environment with another project, or none", () => {
    for (const directory of [project("other", "shop"), join(folder, "absent")]) {
      environment({ [projectVariable]: directory });
      expect(() => projectDirectory(folder)).to.throw(`CONTINUITY_PROJECT is ${directory}`);
    }
  });
});
