import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { stringify } from "yaml";
import { findOtherStack } from "../../continuity/other-stack.ts";
import { readSettings } from "../../continuity/stacks.ts";
import { sharedConfig as shared, standbyConfig } from "./stack-config.ts";

describe("the other site's stack", () => {
  let directory: string;
  const settings = readSettings("dr", (key) => standbyConfig[key as keyof typeof standbyConfig]);
  const write = (stack: string, config: Record<string, string>): void => {
    const entries = Object.entries(config).map(([key, value]) => [`vapora-continuity:${key}`, value]);
    writeFileSync(join(directory, `Pulumi.${stack}.yaml`), stringify({ config: Object.fromEntries(entries) }));
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "other-stack-"));
    writeFileSync(join(directory, "Pulumi.yaml"), "name: vapora-continuity\nruntime: nodejs\n");
    write("dr", { ...shared, site: "alternate" });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("is found by the content of its file, not by its name", () => {
    write("main", { ...shared, site: "primary" });
    expect(findOtherStack(directory, settings)).to.deep.equal({ name: "main", endpoint: { scheme: "http", port: 80 } });
  });

  it("uses scheme and port of its own configuration", () => {
    write("prod", { ...shared, site: "primary", certificateArn: "arn" });
    expect(findOtherStack(directory, settings)?.endpoint.scheme).to.equal("https");
  });

  it("is not that of another environment", () => {
    write("staging", { ...shared, site: "primary", publicHostname: "api.staging.example" });
    expect(findOtherStack(directory, settings)).to.equal(undefined);
  });

  it("is not guessed among two candidates", () => {
    write("prod", { ...shared, site: "primary" });
    write("prod2", { ...shared, site: "primary" });
    expect(findOtherStack(directory, settings)).to.equal(undefined);
  });

  it("is not searched in an unreadable file", () => {
    writeFileSync(join(directory, "Pulumi.prod.yaml"), "config: [");
    expect(findOtherStack(directory, settings)).to.equal(undefined);
  });
});
