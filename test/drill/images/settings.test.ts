import { createHash, createHmac } from "node:crypto";
import type { Hash, Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { expect } from "chai";
import { SettingsError, readSettings } from "../../../drill/images/services/settings.ts";
import { signedHeaders } from "../../../drill/images/services/access-keys.ts";

const env = {
  SERVICE: "backend-api",
  SERVICE_TIER: "1",
  SITE: "alternate",
  SITE_ROLE: "standby",
  PORT: "8080",
  AWS_REGION: "eu-central-1",
  DATABASE_URL: "http://surrealdb:8000",
  DATABASE_NAMESPACE: "vapora",
  DATABASE_USERNAME: "services",
  DATABASE_PASSWORD: "secret",
};

describe("settings of a local service", () => {
  it("come from the environment of the pod", () => {
    const settings = readSettings(env);
    expect(settings).to.include({ port: 8080, tier: 1, role: "standby", accessKeysSecretId: undefined });
    expect(settings.awsEndpoint).to.equal("https://secretsmanager.eu-central-1.amazonaws.com");
    expect(settings.serviceUrl("authentication")).to.equal("http://authentication");
  });

  for (const name of Object.keys(env)) {
    it(`are rejected without ${name}`, () => {
      expect(() => readSettings({ ...env, [name]: "" })).to.throw(SettingsError, `${name} is missing`);
    });
  }

  it("are rejected with all problems at once", () => {
    const wrong = { ...env, SITE: "third", SITE_ROLE: "sleeping", PORT: "http", DATABASE_URL: undefined };
    expect(() => readSettings(wrong))
      .to.throw(SettingsError)
      .with.property("message")
      .that.includes("SITE is third")
      .and.includes("SITE_ROLE is sleeping")
      .and.includes("PORT is http")
      .and.includes("DATABASE_URL is missing");
  });
});

/** The hash as required by AWS's signer. */
class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytes(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data));
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset(): void {
    throw new Error("is used once");
  }
}

const bytes = (data: string | ArrayBuffer | ArrayBufferView): Buffer =>
  typeof data === "string"
    ? Buffer.from(data)
    : ArrayBuffer.isView(data)
      ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
      : Buffer.from(data);

describe("request for the access keys", () => {
  it("is signed like by AWS's own signer", async () => {
    const signer = { awsAccessKeyId: "AKIDEXAMPLE", awsSecretAccessKey: "secret", region: "eu-west-1" };
    const now = new Date("2026-11-23T10:00:00.000Z");
    const [host, target, body] = ["127.0.0.1:4566", "secretsmanager.GetSecretValue", '{"SecretId":"x/ä"}'];
    const ours = signedHeaders(signer, host, target, body, now);
    const reference = new SignatureV4({
      service: "secretsmanager",
      region: signer.region,
      credentials: { accessKeyId: signer.awsAccessKeyId, secretAccessKey: signer.awsSecretAccessKey },
      sha256: Sha256,
      applyChecksum: false,
    });
    const headers = { "content-type": "application/x-amz-json-1.1", host, "x-amz-target": target };
    const request = { method: "POST", protocol: "http:", hostname: "127.0.0.1", path: "/", query: {}, headers, body };
    const theirs = await reference.sign(request, { signingDate: now });
    expect(ours["authorization"]).to.equal(theirs.headers["authorization"]);
    expect(ours["x-amz-date"]).to.equal(theirs.headers["x-amz-date"]);
  });
});
