import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { findPlugin, withOfficialPlugin } from "./official-plugins.ts";

describe("official provider plugins", () => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "plugins-test-"))));
  afterEach(() => rmSync(home, { recursive: true }));
  const install = (folder: string): string => {
    mkdirSync(join(home, folder), { recursive: true });
    const path = join(home, folder, "pulumi-resource-random");
    writeFileSync(path, "");
    return path;
  };

  it("are found in PULUMI_HOME by their version, else in PATH", () => {
    const env = { PULUMI_HOME: home, PATH: `/nowhere:${join(home, "bin")}` };
    install("plugins/resource-random-v1.0.0");
    expect(findPlugin("random", "4.21.2", env).path).to.equal(undefined);
    const onPath = install("bin");
    expect(findPlugin("random", "4.21.2", env).path).to.equal(onPath);
    const inHome = install("plugins/resource-random-v4.21.2");
    expect(findPlugin("random", "4.21.2", env).path).to.equal(inHome);
  });

  it("pass the suite where they are installed", () => {
    const path = install("plugins/resource-random-v4.21.2");
    const seen: string[] = [];
    const pending = (): void => expect.fail("was skipped");
    withOfficialPlugin("random", "4.21.2", (found) => seen.push(found), { env: { PULUMI_HOME: home }, pending });
    expect(seen).to.deep.equal([path]);
  });

  it("are reported as one pending test where they are not, with the place and the command", () => {
    const titles: string[] = [];
    const suite = (): void => expect.fail("ran without a plugin");
    const options = { env: { PULUMI_HOME: home, PATH: "/nowhere" }, pending: (title: string) => titles.push(title) };
    withOfficialPlugin("random", "4.21.2", suite, options as Parameters<typeof withOfficialPlugin>[3]);
    expect(titles).to.deep.equal([
      `the official random provider 4.21.2 is not installed (looked in ${home}/plugins/resource-random-v4.21.2 and PATH): ` +
        "pulumi plugin install resource random 4.21.2",
    ]);
  });
});
