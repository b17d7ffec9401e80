import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { projectDirectory } from "../../../components/stack/index.ts";
import { projectVariable } from "../../../contract/index.ts";

describe("the directory of the project", () => {
  /** What the SDK returns where the language host passed nothing. */
  const unknown = "rootDirectory";
  let project: string;
  let program: string;

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "project-directory-"));
    program = join(project, "src/program");
    mkdirSync(program, { recursive: true });
    writeFileSync(join(project, "Pulumi.yaml"), "name: vapora-continuity\n");
    delete process.env[projectVariable];
  });
  afterEach(() => {
    delete process.env[projectVariable];
    rmSync(project, { recursive: true });
  });

  it("is the one that the engine passes", () => expect(projectDirectory("/project", program)).to.equal("/project"));

  it("is otherwise the one that the environment names", () => {
    process.env[projectVariable] = "/named";
    expect(projectDirectory(unknown, program)).to.equal("/named");
  });

  it("is otherwise the one that contains the program", () => {
    expect(projectDirectory(unknown, program)).to.equal(project);
  });

  it("is the program's own where nothing contains it, so that the plan is missed by its name", () => {
    rmSync(join(project, "Pulumi.yaml"));
    expect(projectDirectory(unknown, program)).to.equal(program);
  });
});
