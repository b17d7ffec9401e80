import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { buildImages, imageFolder } from "../../../drill/images/index.ts";
import { serviceNames } from "../../../drill/images/services/names.ts";

interface Image {
  Entrypoint: string[];
  Env: string[];
  User: number;
  Mounts: { From: string; To: string }[];
}

describe("local images", () => {
  let outDir: string;
  const read = async (reference: string): Promise<Image> =>
    JSON.parse(await readFile(join(outDir, imageFolder(reference), "image.json"), "utf8")) as Image;
  const build = (faults?: Record<string, string>): Promise<void> =>
    buildImages({
      outDir,
      registry: "r.example/vapora",
      tag: "2",
      databaseImage: "surrealdb/surrealdb:v3.0.3",
      ...(faults && { faults }),
    });

  before(async () => {
    outDir = await mkdtemp(join(tmpdir(), "images-"));
    await build();
  });
  after(() => rm(outDir, { recursive: true }));

  it("are written where the kubelet expects them", () => {
    expect(imageFolder("surrealdb/surrealdb:v3.0.3")).to.equal("surrealdb/surrealdb/v3.0.3");
    expect(imageFolder("localhost:5000/a/b")).to.equal("localhost:5000/a/b/latest");
    expect(imageFolder("registry.example/a/b:1@sha256:0")).to.equal("registry.example/a/b/1");
  });

  it("exist for every service, the jobs and the database", async () => {
    const ours = [...serviceNames, "continuity-jobs"].map((name) => `r.example/vapora/${name}:2`);
    for (const reference of [...ours, "surrealdb/surrealdb:v3.0.3"]) {
      const { Entrypoint, User, Mounts } = await read(reference);
      const folder = join(outDir, imageFolder(reference));
      expect(User).to.be.greaterThan(0);
      for (const path of Entrypoint.filter((word) => word.startsWith("/app/"))) {
        const { mode } = await stat(join(folder, path.replace("/app/", "")));
        expect(mode & 0o044, `${path} of ${reference} can be read by all`).to.equal(0o044);
      }
      for (const { From, To } of Mounts) {
        expect((await stat(From)).size).to.be.greaterThan(0);
        expect((await stat(join(folder, To.replace("/app/", "")))).size, `${To} is a placeholder`).to.equal(0);
      }
    }
  });

  it("have faults in the database image only", async () => {
    await build({ FAULT_EXPORT: "empty" });
    expect((await read("surrealdb/surrealdb:v3.0.3")).Env).to.include("FAULT_EXPORT=empty");
    expect((await read("r.example/vapora/backend-api:2")).Env).not.to.include("FAULT_EXPORT=empty");
    await build();
    expect((await read("surrealdb/surrealdb:v3.0.3")).Env).not.to.include("FAULT_EXPORT=empty");
  });

  it("are built quickly if nothing changed", async () => {
    const began = performance.now();
    await build();
    expect(performance.now() - began).to.be.lessThan(1000);
  });
});
