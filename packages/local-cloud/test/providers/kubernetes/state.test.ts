import { expect } from "chai";
import fc from "fast-check";
import { differences } from "../../../providers/differences.ts";
import { importedInputs, outputsOf, previewOf, projected, quantity } from "../../../providers/kubernetes/state.ts";
import {
  isSecret,
  plain,
  secret,
  unknown,
  type Json,
  type JsonObject,
  type Properties,
} from "../../../providers/values.ts";

const member = (value: Json, ...path: (string | number)[]): Json =>
  path.reduce<Json>((inner, key) => (inner as Record<string | number, Json>)[key] ?? null, value);

describe("outputs", () => {
  it("hide again what is secret in the inputs, by path and by content", () => {
    const inputs = {
      spec: {
        env: [
          { name: "A", value: secret("hunter22") },
          { name: "B", value: secret("ab") },
        ],
      },
    };
    const live = {
      metadata: { managedFields: [{}], name: "x" },
      spec: {
        env: [
          { name: "A", value: "hunter22" },
          { name: "B", value: "ab" },
        ],
      },
      status: { echo: "hunter22", short: "ab" },
    };
    const outputs = outputsOf(live, inputs);
    expect(isSecret(member(outputs, "spec", "env", 0, "value"))).to.equal(true);
    expect(isSecret(member(outputs, "spec", "env", 1, "value"))).to.equal(true);
    expect(isSecret(member(outputs, "status", "echo"))).to.equal(true);
    expect(isSecret(member(outputs, "status", "short"))).to.equal(false);
    expect(outputs.metadata).to.deep.equal({ name: "x" });
    expect(plain(outputs)).to.deep.equal({ ...live, metadata: { name: "x" } });
  });

  it("hide all data of a Secret", () => {
    const outputs = outputsOf({ kind: "Secret", metadata: {}, data: { a: "Yg==" } }, { kind: "Secret" });
    expect(isSecret(outputs.data)).to.equal(true);
  });
});

describe("a preview's outputs", () => {
  const dryRun: JsonObject = {
    kind: "Service",
    metadata: { name: "x", uid: "u-1", resourceVersion: "3", generation: 1, creationTimestamp: "now" },
    spec: {
      clusterIP: "10.0.0.9",
      clusterIPs: ["10.0.0.9"],
      selector: { uid: "u-1" },
      ports: [{ port: 80, nodePort: 31000 }],
    },
    status: {},
  };

  it("leave open what only the real creation decides", () => {
    const outputs = previewOf(dryRun, {}, true);
    expect(outputs.metadata).to.deep.equal({
      name: "x",
      uid: unknown,
      resourceVersion: unknown,
      generation: unknown,
      creationTimestamp: unknown,
    });
    expect(outputs.spec).to.deep.equal({
      clusterIP: unknown,
      clusterIPs: unknown,
      selector: { uid: unknown },
      ports: [{ port: 80, nodePort: unknown }],
    });
    expect(outputs.status).to.equal(unknown);
  });

  it("keep what an update does not change, and that a Service is headless", () => {
    const outputs = previewOf(dryRun, {}, false);
    expect(member(outputs, "metadata", "uid")).to.equal("u-1");
    expect(member(outputs, "spec", "clusterIP")).to.equal("10.0.0.9");
    expect(member(outputs, "metadata", "resourceVersion")).to.equal(unknown);
    const headless = previewOf({ ...dryRun, spec: { clusterIP: "None" } }, {}, true);
    expect(member(headless, "spec", "clusterIP")).to.equal("None");
  });
});

describe("a refresh's inputs", () => {
  const inputs: Properties = {
    metadata: { name: "x", labels: { a: "1" } },
    spec: {
      replicas: 2,
      paused: false,
      emptyDir: {},
      containers: [
        { name: "one", image: "a:1", resources: { requests: { cpu: "1000m", memory: "1024Mi" } } },
        { name: "two", image: "b:1" },
      ],
      args: ["a", "b"],
    },
  };
  const live = (): JsonObject => ({
    metadata: { name: "x", uid: "u", labels: { a: "1", added: "by others" } },
    spec: {
      replicas: 2,
      defaulted: true,
      containers: [
        { name: "sidecar", image: "injected" },
        { name: "two", image: "b:1", imagePullPolicy: "Always" },
        { name: "one", image: "a:1", resources: { requests: { cpu: "1", memory: "1Gi" } } },
      ],
      args: ["a", "b"],
    },
    status: { replicas: 2 },
  });

  it("are unchanged without drift", () => {
    expect(projected(live(), inputs)).to.deep.equal(inputs);
  });

  it("show each drift of a property in the inputs", () => {
    const changes: [(object: JsonObject) => void, string][] = [
      [(object) => void ((object.spec as JsonObject).replicas = 3), "spec.replicas"],
      [(object) => void delete (object.metadata as JsonObject).labels, "metadata.labels"],
      [(object) => void ((object.spec as JsonObject).args = ["a"]), "spec.args[1]"],
      [(object) => void ((object.spec as JsonObject).paused = true), "spec.paused"],
      [
        (object) => void ((member(object, "spec", "containers", 1) as JsonObject).image = "b:2"),
        "spec.containers[1].image",
      ],
      [
        (object) => void ((member(object, "spec", "containers", 2, "resources", "requests") as JsonObject).cpu = "2"),
        "spec.containers[0].resources.requests.cpu",
      ],
      [(object) => void (member(object, "spec", "containers") as Json[]).pop(), "spec.containers[0].name"],
    ];
    for (const [change, path] of changes) {
      const object = live();
      change(object);
      expect(Object.keys(differences(inputs, projected(object, inputs)).detailed ?? {}), path).to.include(path);
    }
  });

  it("keep secrets secret, and read stringData from data", () => {
    const wanted: Properties = {
      kind: "Secret",
      stringData: secret({ password: "old", gone: "x" }),
      data: secret({ token: "dA==" }),
    };
    const object = { kind: "Secret", data: { password: Buffer.from("new").toString("base64"), token: "dA==" } };
    const found = projected(object, wanted);
    expect(isSecret(found.stringData)).to.equal(true);
    expect(isSecret(found.data)).to.equal(true);
    expect(plain(found)).to.deep.equal({ kind: "Secret", stringData: { password: "new" }, data: { token: "dA==" } });
  });

  it("of an import are everything except status and generated metadata", () => {
    const found = importedInputs({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "x", uid: "u", labels: {} },
      data: { a: "Yg==" },
      status: {},
    });
    expect(found.metadata).to.deep.equal({ name: "x", labels: {} });
    expect(found).to.not.have.property("status");
    expect(isSecret(found.data)).to.equal(true);
  });
});

describe("quantities", () => {
  it("are the same number however they are written", () => {
    expect(quantity("1000m")).to.equal(1);
    expect(quantity("1Gi")).to.equal(quantity("1024Mi"));
    expect(quantity("0.1")).to.equal(quantity("100m"));
    expect(quantity("1e3")).to.equal(quantity("1k"));
    expect(quantity(2)).to.equal(2);
    expect(quantity("ten")).to.equal(undefined);
  });

  it("of milli-units are a thousandth", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e9 }),
        (units) => quantity(`${units * 1000}m`) === quantity(String(units)),
      ),
    );
  });
});
