import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ensurePulumi } from "@vapora-continuity/local-cloud/tools";
import { expect } from "chai";

const run = promisify(execFile);
const main = fileURLToPath(new URL("../../continuity/main.ts", import.meta.url));

/** With the real CLI, whose words the causes are recognized by. */
describe("a stack that cannot be opened, as the command reports it", function () {
  this.timeout(120_000);
  let directory: string;
  let project: string;
  let pulumi: string;

  before(async () => {
    const tools = await ensurePulumi(() => {});
    directory = await mkdtemp(join(tmpdir(), "continuity-cannot-open-"));
    project = join(directory, "project");
    pulumi = tools.binDir;
    for (const name of ["project", "home", "empty", "state"]) await mkdir(join(directory, name));
    await writeFile(join(project, "Pulumi.yaml"), "name: vapora-continuity\nruntime: nodejs\n");
    await run(tools.pulumi, ["stack", "init", "prod"], { cwd: project, env: environment({ backend: "state" }) });
  });
  after(() => rm(directory, { recursive: true }));

  const environment = ({ backend, path = pulumi }: { backend?: string; path?: string }): NodeJS.ProcessEnv => ({
    PATH: [path, "/usr/bin", "/bin"].join(":"),
    HOME: join(directory, "home"),
    PULUMI_HOME: join(directory, "home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_CONFIG_PASSPHRASE: "x",
    ...(backend !== undefined && { PULUMI_BACKEND_URL: `file://${join(directory, backend)}` }),
  });

  for (const command of ["status", "failover"]) {
    const report = async (stack: string, env: NodeJS.ProcessEnv, projectDirectory = project) => {
      const failed = run(process.execPath, [main, command, "--stack", stack, "--project", projectDirectory], { env });
      const { code, stderr } = await failed.then(
        () => expect.fail("the stack was opened"),
        (error: { code: number; stderr: string }) => error,
      );
      expect(code).to.equal(2);
      expect(stderr).to.match(/^continuity: stack "\w+" (cannot be opened|: its configuration)/);
      return stderr;
    };

    it(`${command}: Pulumi is missing`, async () => {
      expect(await report("prod", environment({ backend: "state", path: "/nowhere" }))).to.match(/pulumi is not found/);
    });

    it(`${command}: no backend was chosen`, async () => {
      expect(await report("prod", environment({}))).to.match(/the state backend is not configured.*pulumi login/);
    });

    it(`${command}: the stack is unknown, and a near one is there`, async () => {
      const message = await report("prd", environment({ backend: "state" }));
      expect(message).to.match(/--stack prd is unknown.*which holds prod; did you mean prod\?/);
    });

    it(`${command}: there is no stack at all`, async () => {
      const message = await report("prod", environment({ backend: "empty" }));
      expect(message).to.match(/--stack prod is unknown.*holds no stack of this project; .*pulumi stack init prod/);
    });

    it(`${command}: there is no project`, async () => {
      const message = await report("prod", environment({ backend: "state" }), join(directory, "empty"));
      expect(message).to.match(/must contain Pulumi\.yaml/);
    });
  }
});
