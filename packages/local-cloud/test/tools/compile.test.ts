import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { CompileCount, compilerEnvironment } from "../../tools/compile.ts";

const gibibyte = 1024 ** 3;

describe("compiling", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "compile-test-"));
    writeFileSync(join(folder, "small.go"), "x".repeat(1_000));
    writeFileSync(join(folder, "large.go"), "x".repeat(8_000));
  });
  after(() => rmSync(folder, { recursive: true }));

  const listing = (): string =>
    [`a\t0\t${folder}\tsmall.go`, `b\t0\t${folder}\tsmall.go\tlarge.go`, `c\t30\t${folder}\tsmall.go`].join("\n");

  it("counts source and dependencies of what has been compiled, not what a compiler is busy with", () => {
    const shares: number[] = [];
    const count = new CompileCount(listing(), (share) => shares.push(Math.round(share * 1000) / 1000));
    for (const name of ["a", "b", "c"]) count.begins(name);
    expect(shares).to.deep.equal([0, 0.049, 0.485]); // 0, 1 and 10 of 20 parts of 97 %
  });

  it("counts no package twice, and none that it does not know", () => {
    const shares: number[] = [];
    const count = new CompileCount(listing(), (share) => shares.push(share));
    for (const name of ["a", "a", "go: downloading", "b"]) count.begins(name);
    expect([shares.length, count.ending]).to.deep.equal([2, false]);
    count.begins("c");
    expect(count.ending).to.equal(true);
  });

  it("never goes back or reaches the whole, in whatever order packages come", () => {
    const lines = fc.shuffledSubarray(["a", "b", "c", "a", "stray"]);
    fc.assert(
      fc.property(lines, (names) => {
        let last = 0;
        const count = new CompileCount(listing(), (share) => {
          expect(share).to.be.within(last, 0.97);
          last = share;
        });
        for (const name of names) count.begins(name);
      }),
    );
  });

  it("has nothing to count where nothing must be compiled", () => {
    const count = new CompileCount("", () => expect.fail("nothing was compiled"));
    count.begins("a");
    expect(count.ending).to.equal(true);
  });

  it("trades memory for time only where there is enough of it", () => {
    expect(compilerEnvironment(8 * gibibyte)).to.have.property("GOGC", "off");
    expect(compilerEnvironment(4 * gibibyte)).to.deep.equal({});
  });
});
