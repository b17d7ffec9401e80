/**
 * Extracts a resource type's schema from the SDK's declaration files. Parses without type checking, and only the required
 * namespaces of the large file with nested types.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { Digest, ObjectType, Shape } from "./digest.ts";

/** Undefined if the SDK in this directory has no such resource. */
export function readDigest(sdk: string, token: string): Digest | undefined {
  const [, module = "", file = "", className = ""] = /^aws:([\w-]+)\/(\w+):(\w+)$/.exec(token) ?? [];
  const path = join(sdk, module === "index" ? "" : module, `${file}.d.ts`);
  if (className === "" || !existsSync(path)) return undefined;
  const source = parse(path, readFileSync(path, "utf8"));
  const args = source.statements.find((s) => ts.isInterfaceDeclaration(s) && s.name.text === `${className}Args`);
  const resource = source.statements.find((s) => ts.isClassDeclaration(s) && s.name?.text === className);
  if (!args || !ts.isInterfaceDeclaration(args) || !resource || !ts.isClassDeclaration(resource)) return undefined;
  const inputs = objectType(args);
  return { token, inputs, types: reachable(inputs, new NestedTypes(sdk)), outputs: outputsOf(resource) };
}

const parse = (name: string, text: string): ts.SourceFile => ts.createSourceFile(name, text, ts.ScriptTarget.Latest);

function objectType(declaration: ts.InterfaceDeclaration): ObjectType {
  const properties = declaration.members.filter(ts.isPropertySignature).map((member) => {
    const property = { shape: member.type ? shapeOf(member.type) : ({ kind: "any" } as const) };
    return [nameOf(member.name), member.questionToken ? property : { ...property, required: true as const }];
  });
  return Object.fromEntries(properties) as ObjectType;
}

const nameOf = (name: ts.PropertyName): string =>
  ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : name.getText();

function outputsOf(resource: ts.ClassDeclaration): Record<string, boolean> {
  const outputs = resource.members.filter(ts.isPropertyDeclaration).filter(isInstanceProperty);
  return Object.fromEntries(outputs.map((member) => [nameOf(member.name), !mayBeUndefined(member.type)]));
}

const isInstanceProperty = (member: ts.PropertyDeclaration): boolean =>
  !(member.modifiers ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.StaticKeyword);

/** Looks inside `pulumi.Output<… | undefined>`. */
function mayBeUndefined(type: ts.TypeNode | undefined): boolean {
  const inner = type && ts.isTypeReferenceNode(type) ? type.typeArguments?.[0] : undefined;
  return inner !== undefined && ts.isUnionTypeNode(inner) && inner.types.some(isUndefined);
}

const isUndefined = (type: ts.TypeNode): boolean => type.kind === ts.SyntaxKind.UndefinedKeyword;

const keywords: Partial<Record<ts.SyntaxKind, Shape>> = {
  [ts.SyntaxKind.StringKeyword]: { kind: "string" },
  [ts.SyntaxKind.NumberKeyword]: { kind: "number" },
  [ts.SyntaxKind.BooleanKeyword]: { kind: "boolean" },
  [ts.SyntaxKind.AnyKeyword]: { kind: "any" },
};

function shapeOf(type: ts.TypeNode): Shape {
  const keyword = keywords[type.kind];
  if (keyword) return keyword;
  if (ts.isParenthesizedTypeNode(type)) return shapeOf(type.type);
  if (ts.isArrayTypeNode(type)) return { kind: "list", of: shapeOf(type.elementType) };
  if (ts.isUnionTypeNode(type)) return union(type.types.filter((member) => !isUndefined(member)).map(shapeOf));
  if (ts.isTypeLiteralNode(type)) {
    const index = type.members.find(ts.isIndexSignatureDeclaration);
    return index ? { kind: "map", of: shapeOf(index.type) } : { kind: "any" };
  }
  if (ts.isLiteralTypeNode(type)) return { kind: "scalar" };
  return ts.isTypeReferenceNode(type) ? referenced(type) : { kind: "any" };
}

function referenced(type: ts.TypeReferenceNode): Shape {
  const name = entityName(type.typeName);
  const argument = type.typeArguments?.[0];
  if (name === "pulumi.Input") return argument ? shapeOf(argument) : { kind: "any" };
  if (name.startsWith("inputs.")) return { kind: "object", type: name.slice("inputs.".length) };
  if (name.startsWith("pulumi.asset.")) return { kind: "asset" };
  if (name.startsWith("enums.")) return { kind: "scalar" };
  return { kind: "string" }; // a resource, which is passed by its id, or an alias such as ARN
}

function union(members: Shape[]): Shape {
  const distinct = [...new Map(members.map((member) => [JSON.stringify(member), member])).values()];
  const [only] = distinct;
  return distinct.length === 1 && only ? only : { kind: "union", of: distinct };
}

const entityName = (name: ts.EntityName): string =>
  ts.isIdentifier(name) ? name.text : `${entityName(name.left)}.${name.right.text}`;

function reachable(inputs: ObjectType, nested: NestedTypes): Record<string, ObjectType> {
  const found: Record<string, ObjectType> = {};
  const visitShape = (shape: Shape): void => {
    if (shape.kind === "list" || shape.kind === "map") visitShape(shape.of);
    if (shape.kind === "union") shape.of.forEach(visitShape);
    if (shape.kind === "object" && !(shape.type in found)) {
      const type = nested.get(shape.type);
      found[shape.type] = type;
      visit(type);
    }
  };
  const visit = (type: ObjectType): void => Object.values(type).forEach((property) => visitShape(property.shape));
  visit(inputs);
  return found;
}

/** Nested input types; namespaces are parsed on first use. */
class NestedTypes {
  readonly #text: string;
  readonly #namespaces = new Map<string, Map<string, ts.InterfaceDeclaration>>();

  constructor(sdk: string) {
    this.#text = readFileSync(join(sdk, "types", "input.d.ts"), "utf8");
  }

  get(name: string): ObjectType {
    const [namespace = "", local = ""] = name.includes(".") ? name.split(".") : ["", name];
    const declaration = this.#namespace(namespace).get(local);
    if (!declaration) throw new Error(`the SDK's types/input.d.ts does not declare ${name}`);
    return objectType(declaration);
  }

  #namespace(name: string): Map<string, ts.InterfaceDeclaration> {
    const known = this.#namespaces.get(name);
    if (known) return known;
    const statements = name === "" ? this.#root() : this.#body(name);
    const interfaces = new Map(statements.filter(ts.isInterfaceDeclaration).map((s) => [s.name.text, s]));
    this.#namespaces.set(name, interfaces);
    return interfaces;
  }

  /** Interfaces outside of namespaces precede them in the file. */
  #root(): readonly ts.Statement[] {
    return parse("root.d.ts", this.#text.slice(0, this.#text.indexOf("\nexport declare namespace "))).statements;
  }

  #body(name: string): readonly ts.Statement[] {
    const start = this.#text.indexOf(`\nexport declare namespace ${name} {`);
    if (start < 0) return [];
    const text = this.#text.slice(start, this.#text.indexOf("\n}", start) + 2);
    return parse(`${name}.d.ts`, text).statements.flatMap((statement) =>
      ts.isModuleDeclaration(statement) && statement.body && ts.isModuleBlock(statement.body)
        ? [...statement.body.statements]
        : [],
    );
  }
}
