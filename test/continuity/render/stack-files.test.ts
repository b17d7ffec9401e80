import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readStackFiles } from "../../../continuity/render/stack-files.ts";

describe("the files of a stack, without the engine", () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "stack-files-"))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const read = (project: string, stack: string) => {
    writeFileSync(join(directory, "Pulumi.yaml"), `name: shop\nruntime: nodejs\n${project}`);
    writeFileSync(join(directory, "Pulumi.dr.yaml"), stack);
    return readStackFiles({ projectDirectory: directory, projectName: "shop", stack: "dr" });
  };

  it("give settings by full key, as texts, with the project's values and defaults below the stack's", () => {
    const project = `config:
  size: { type: integer, default: 2 }
  names: { type: array, default: [a, b] }
  site: { type: string }
  owner: { value: us }
  "aws:region": eu-west-1\n`;
    const { config, encrypted } = read(project, "config:\n  shop:size: 3\n  shop:on: true\n  aws:profile: main\n");
    expect(config).to.deep.equal({
      ...{ "shop:size": "3", "shop:names": '["a","b"]', "shop:owner": "us", "shop:on": "true" },
      ...{ "aws:region": "eu-west-1", "aws:profile": "main" },
    });
    expect(encrypted).to.deep.equal([]);
  });

  it("leave out what is encrypted, at any depth, and name it", () => {
    const { config, encrypted } = read(
      "",
      "config:\n  shop:a: { secure: v1:x }\n  shop:b: [{ c: { secure: v1:y } }]\n",
    );
    expect(config).to.deep.equal({});
    expect(encrypted).to.deep.equal(["shop:a", "shop:b"]);
  });

  it("name the program's entry", () => {
    expect(read("main: main.js\n", "").entry).to.equal(join(directory, "main.js"));
    expect(read("", "").entry).to.equal(join(directory, "index.js"));
  });

  it("must be there and readable", () => {
    const place = { projectDirectory: directory, projectName: "shop", stack: "dr" };
    expect(() => readStackFiles(place)).to.throw(/must contain Pulumi\.yaml/);
    writeFileSync(join(directory, "Pulumi.yaml"), "name: shop\n");
    expect(() => readStackFiles(place)).to.throw(/--stack.*dr.*Pulumi\.dr\.yaml/);
    expect(() => read("", "config: [1]")).to.throw(/config in .*it must be a mapping/);
    expect(() => readStackFiles({ ...place, projectName: "other" })).to.throw(/it must be the project other/);
  });
});
