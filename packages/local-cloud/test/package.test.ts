/** The package stands alone: its dependencies, its vocabulary, and the documentation of what it exports. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import ts from "typescript";

const root = join(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const files = (...patterns: string[]): string[] =>
  globSync(patterns, { cwd: root, exclude: (path) => /node_modules|cluster.go/.test(path) });
const manifest = JSON.parse(read("package.json")) as Record<
  "exports" | "dependencies" | "devDependencies",
  Record<string, string>
>;

/** Packages that a source imports, and the SDK packages whose version it reads. */
function importedPackages(source: string): string[] {
  const imports = ts.preProcessFile(source, true, true).importedFiles.map(({ fileName }) => fileName);
  const packages = imports
    .filter((path) => !path.startsWith("."))
    .map((path) =>
      path
        .split("/")
        .slice(0, path.startsWith("@") ? 2 : 1)
        .join("/"),
    );
  const sdks = [...source.matchAll(/sdkVersion\("(\w+)"\)/g)].map(([, name]) => `@pulumi/${name}`);
  return [...packages, ...sdks].filter((name) => !name.startsWith("node:"));
}

const used = (sources: string[]): Set<string> => new Set(sources.flatMap((file) => importedPackages(read(file))));

describe("the package", () => {
  const production = files("{aws,providers,run,tools,traffic}/**/*.ts", "cluster/*.ts");

  it("declares exactly the packages that it imports", () => {
    expect(Object.keys(manifest.dependencies).sort()).to.deep.equal([...used(production)].sort());
    const undeclared = [...used(files("test/**/*.ts"))].filter(
      (name) => !(name in manifest.dependencies) && !(name in manifest.devDependencies),
    );
    expect(undeclared).to.deep.equal([]);
  });

  it("names no product", () => {
    const words = ["vapora", "backend-api", "\\bcontinuity\\b", "recovery point", "\\bdrills?\\b"];
    const texts = files("**/*.{ts,py,md,go,json}").filter((file) => file !== "test/package.test.ts");
    const found = texts.filter((file) =>
      new RegExp(words.join("|"), "i").test(read(file).replaceAll("@vapora-continuity/local-cloud", "")),
    );
    expect(texts.length).to.be.above(100);
    expect(found).to.deep.equal([]);
  });

  for (const entry of Object.values(manifest.exports).filter((path) => path !== "./tools/index.ts"))
    it(`documents every export of ${entry}`, () => {
      const undocumented = exported(entry).flatMap(undocumentedParts);
      expect(undocumented).to.deep.equal([]);
    });
});

interface Exported {
  file: string;
  name: string;
  declaration: ts.Statement;
}

const parse = (file: string): ts.SourceFile => ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);

/** Declarations behind the names that a module exports, re-exports included. */
function exported(file: string, names?: string[]): Exported[] {
  const source = parse(file);
  const isWanted = (name: string): boolean => names?.includes(name) ?? true;
  return source.statements.flatMap((statement): Exported[] => {
    if (
      ts.isExportDeclaration(statement) &&
      statement.moduleSpecifier &&
      ts.isStringLiteral(statement.moduleSpecifier)
    ) {
      const from = join(dirname(file), statement.moduleSpecifier.text);
      const { exportClause } = statement;
      if (!exportClause || !ts.isNamedExports(exportClause)) return exported(from, names);
      const listed = exportClause.elements.map(({ name }) => name.text).filter(isWanted);
      return listed.length > 0 ? exported(from, listed) : [];
    }
    const isExported = ts.canHaveModifiers(statement)
      ? ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
      : false;
    if (!isExported) return [];
    return declaredNames(statement)
      .filter(isWanted)
      .map((name) => ({ file, name, declaration: statement }));
  });
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  const { name } = statement as { name?: ts.Identifier };
  return name ? [name.text] : [];
}

const isDocumented = (node: ts.Node): boolean => ts.getJSDocCommentsAndTags(node).length > 0;

/** Names of the declaration and of its members that have no doc comment; an interface with documented members may have none. */
function undocumentedParts({ file, name, declaration }: Exported): string[] {
  const members = ts.isInterfaceDeclaration(declaration) ? [...declaration.members] : [];
  const open = members.filter((member) => !isDocumented(member)).map((member) => `${name}.${member.name?.getText()}`);
  const itself = members.length > 0 || isDocumented(declaration) ? [] : [name];
  return [...itself, ...open].map((part) => `${file}: ${part}`);
}
