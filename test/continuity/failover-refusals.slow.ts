import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { examplePlanFile } from "../support/example-plan.ts";
import { standbyConfig } from "./stack-config.ts";

const main = fileURLToPath(new URL("../../continuity/main.ts", import.meta.url));

/** A fake engine with one stack and the given configuration. */
const pulumi = (config: Record<string, string>): string => {
  const values = Object.entries(config).map(([key, value]) => [`vapora-continuity:${key}`, { value, secret: false }]);
  return `#!/bin/sh
case "$*" in
  *version*) echo v3.270.0 ;;
  *config*) echo '${JSON.stringify(Object.fromEntries(values))}' ;;
esac
`;
};

const config = { ...standbyConfig, planFile: examplePlanFile };

describe("a failover that cannot start", function () {
  this.timeout(20_000);
  let directory: string;

  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), "continuity-commands-"))));
  afterEach(() => rm(directory, { recursive: true }));

  async function failover(changed: Record<string, string>): Promise<{ status: number | null; stderr: string }> {
    await writeFile(join(directory, "pulumi"), pulumi({ ...config, ...changed }), { mode: 0o755 });
    await writeFile(join(directory, "Pulumi.yaml"), "name: vapora-continuity\nruntime: nodejs\n");
    const PATH = `${directory}${delimiter}${process.env["PATH"]}`;
    const child = spawn(process.execPath, [main, "failover", "--stack", "dr", "--yes", "--project", directory], {
      env: { ...process.env, PATH },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, "close")]);
    return { status: status as number | null, stderr };
  }

  for (const [what, changed, reason] of [
    ["a missing plan", { planFile: "absent.yaml" }, /absent\.yaml/],
    ["an invalid kubeconfig", { kubeconfig: "{" }, /flow map|kubeconfig|unexpected/i],
  ] as const) {
    it(`exits with status 2: ${what}`, async () => {
      const { status, stderr } = await failover(changed);
      expect(stderr)
        .to.match(reason)
        .and.not.to.match(/not complete/);
      expect(status).to.equal(2);
    });
  }
});
