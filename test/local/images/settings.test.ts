import { expect } from "chai";
import { SettingsError, readSettings } from "../../../local/images/services/settings.ts";
import { signedHeaders } from "../../../local/images/services/access-keys.ts";

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
    it(`are refused without ${name}`, () => {
      expect(() => readSettings({ ...env, [name]: "" })).to.throw(SettingsError, `${name} is missing`);
    });
  }

  it("are refused with every problem at once", () => {
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

describe("request for the access keys", () => {
  it("is signed as AWS wants it", () => {
    const signer = { awsAccessKeyId: "AKIDEXAMPLE", awsSecretAccessKey: "secret", region: "eu-west-1" };
    const now = new Date("2026-11-23T10:00:00.000Z");
    const sign = (body: string): string =>
      signedHeaders(signer, "127.0.0.1:4566", "secretsmanager.GetSecretValue", body, now)["authorization"] ?? "";
    expect(sign("{}")).to.match(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20261123\/eu-west-1\/secretsmanager\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=[0-9a-f]{64}$/,
    );
    expect(sign("{}")).not.to.equal(sign('{"SecretId":"x"}'));
  });
});
