import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { pulumiOnPath } from "../../tools/pulumi.ts";

describe("a Pulumi that the machine has", () => {
  let folder: string;
  const saved = { ...process.env };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pulumi-test-"));
    process.env["LOCAL_CLOUD_CACHE"] = join(folder, "cache");
  });
  afterEach(() => {
    process.env = { ...saved };
    rmSync(folder, { recursive: true, force: true });
  });

  const install = (version: string, ...companions: string[]): string => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    const program = `#!/bin/sh\necho asked >> ${folder}/asked\necho ${version}\n`;
    for (const name of ["pulumi", ...companions]) writeFileSync(join(bin, name), program, { mode: 0o755 });
    process.env["PATH"] = `${bin}:/usr/bin:/bin`;
    return bin;
  };
  const companions = ["pulumi-language-nodejs", "pulumi-analyzer-policy"];
  const find = (): ReturnType<typeof pulumiOnPath> => pulumiOnPath(() => undefined);

  it("is used, and asked for its version once only", async () => {
    const bin = install("v3.230.0", ...companions);
    const expected = { pulumi: join(bin, "pulumi"), binDir: bin };
    expect([await find(), await find()]).to.deep.equal([expected, expected]);
    expect(readFileSync(join(folder, "asked"), "utf8")).to.equal("asked\n");
  });

  it("is used through a link to where its companions are", async () => {
    const bin = install("v3.230.0", ...companions);
    mkdirSync(join(folder, "links"));
    symlinkSync(join(bin, "pulumi"), join(folder, "links/pulumi"));
    process.env["PATH"] = `${join(folder, "links")}:/usr/bin:/bin`;
    expect((await find())?.binDir).to.equal(bin);
  });

  it("is not used when it is too old", async () => {
    install("v3.100.0", ...companions);
    expect(await find()).to.equal(undefined);
  });

  it("is not used without its language host", async () => {
    install("v3.230.0", "pulumi-analyzer-policy");
    expect(await find()).to.equal(undefined);
  });

  it("is not used when it does not work", async () => {
    const bin = install("v3.230.0", ...companions);
    writeFileSync(join(bin, "pulumi"), "#!/bin/sh\nexit 1\n");
    expect(await find()).to.equal(undefined);
  });
});
