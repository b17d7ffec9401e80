import { expect } from "chai";
import { parse } from "yaml";
import { filesOf } from "../../../continuity/render/documents.ts";
import type { Registered } from "../../../continuity/render/program.ts";

const one = (type: string, name: string, inputs: Record<string, unknown> = {}): Registered => ({
  ...{ type, name, inputs, protect: false, retainOnDelete: false, dependsOn: [] },
});
const service = (name: string, namespace?: string): Registered =>
  one("kubernetes:core/v1:Service", "logical", {
    ...{ kind: "Service", apiVersion: "v1", spec: { ports: [] }, metadata: { name, ...(namespace && { namespace }) } },
  });
const pathsOf = (...all: Registered[]): string[] => filesOf(all).map(({ path }) => path);

describe("the files of a rendered stack", () => {
  it("are named after the object in the cluster, or the logical name of anything else", () => {
    expect(
      pathsOf(service("web", "shop"), service("cluster-wide"), one("aws:s3/bucket:Bucket", "Shop primary")),
    ).to.deep.equal([
      "kubernetes/service-shop-web.yaml",
      "kubernetes/service-cluster-wide.yaml",
      "aws/s3-bucket-shop-primary.json",
      "resources.json",
    ]);
  });

  it("do not overwrite each other", () => {
    expect(pathsOf(service("web"), service("Web"), service("web"))).to.deep.equal([
      "kubernetes/service-web.yaml",
      "kubernetes/service-web-2.yaml",
      "kubernetes/service-web-3.yaml",
      "resources.json",
    ]);
  });

  it("cannot lie outside the directory, whatever a name is", () => {
    for (const name of ["../../etc/passwd", "a/b", "..", "a\\b", "x\0y"])
      for (const path of pathsOf(service(name), one("aws:s3/bucket:Bucket", name)))
        expect(path).to.match(/^(kubernetes|aws)\/[a-z0-9._-]+\.(yaml|json)$|^resources\.json$/);
  });

  it("are manifests that begin as people write them, and JSON with the options", () => {
    const [manifest, json] = filesOf([service("web", "shop"), one("aws:s3/bucket:Bucket", "b", { tags: { a: "b" } })]);
    expect(manifest?.content).to.match(/^apiVersion: v1\nkind: Service\nmetadata:\n {2}name: web\n/);
    expect(parse(manifest?.content ?? "")).to.have.keys("apiVersion", "kind", "metadata", "spec");
    expect(JSON.parse(json?.content ?? "")).to.deep.include({
      name: "b",
      protect: false,
      inputs: { tags: { a: "b" } },
    });
  });

  it("list every resource in the order of the program, providers without a file", () => {
    const files = filesOf([one("pulumi:providers:aws", "primary"), service("web")]);
    expect(files).to.have.length(2);
    expect(JSON.parse(files.at(-1)?.content ?? "")).to.deep.equal([
      { type: "pulumi:providers:aws", name: "primary" },
      { type: "kubernetes:core/v1:Service", name: "logical", file: "kubernetes/service-web.yaml" },
    ]);
  });
});
