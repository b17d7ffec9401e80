/** Every link of the documentation leads to a file of the repository, and to a heading that is there. */
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const pages = globSync(["*.md", "docs/**/*.md", "packages/*/*.md", "packages/*/docs/**/*.md"], { cwd: repository });

const withoutCode = (text: string): string =>
  text.replaceAll(/^( *)```[\s\S]*?^\1```/gm, "").replaceAll(/`[^`\n]*`/g, "x");

/** Anchors as GitHub makes them. */
function anchorsOf(file: string): Set<string> {
  const text = readFileSync(file, "utf8").replaceAll(/^( *)```[\s\S]*?^\1```/gm, "");
  const headings = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, title = ""]) =>
    title
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-"),
  );
  // A title that is there again gets a number.
  const numbered = headings.map((title, index) => {
    const before = headings.slice(0, index).filter((other) => other === title).length;
    return before === 0 ? title : `${title}-${before}`;
  });
  const ids = [...text.matchAll(/<a id="([^"]+)"/g)].map(([, id = ""]) => id);
  return new Set([...numbered, ...ids]);
}

/** Why a link of that page is broken; undefined: it is not. */
export function brokenBecause(page: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [path = "", anchor] = link.split("#");
  const file = path === "" ? join(repository, page) : join(repository, dirname(page), path);
  if (!existsSync(file)) return `${relative(repository, file)} does not exist`;
  if (anchor === undefined || statSync(file).isDirectory()) return undefined;
  return anchorsOf(file).has(anchor) ? undefined : `${relative(repository, file)} has no heading #${anchor}`;
}

describe("links of the documentation", () => {
  for (const page of pages) {
    it(`${page} has none that is broken`, () => {
      const text = withoutCode(readFileSync(join(repository, page), "utf8"));
      const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
      expect(links.flatMap((link) => brokenBecause(page, link) ?? [])).to.deep.equal([]);
    });
  }

  it("would be found out if they were", () => {
    expect(brokenBecause("README.md", "docs/absent.md")).to.equal("docs/absent.md does not exist");
    expect(brokenBecause("README.md", "CONTRIBUTING.md#absent")).to.equal("CONTRIBUTING.md has no heading #absent");
  });

  it("lead from the index to every page", () => {
    const index = readFileSync(join(repository, "docs/README.md"), "utf8");
    const listed = pages.filter((page) => /^docs\/(?!decisions|README|reference\/api)/.test(page));
    expect(listed.filter((page) => !index.includes(`(${relative("docs", page)})`))).to.deep.equal([]);
  });
});
