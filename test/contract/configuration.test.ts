import { readFileSync } from "node:fs";
import { expect } from "chai";
import { parse } from "yaml";
import {
  clusterNameOf,
  storageClassOf,
  contradictions,
  inProject,
  kubeContextOf,
  problem,
  readConfiguration,
  requireSetting,
  sharedSettings,
  siteSettings,
  stackSettings,
  type SettingName,
} from "../../contract/index.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

interface Declared {
  type: string;
  description: string;
  default?: unknown;
}

const declared = Object.entries(parse(read("Pulumi.yaml")).config as Record<string, Declared>);
const names = Object.keys(stackSettings) as SettingName[];
const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

describe("Pulumi.yaml", () => {
  for (const [key, { type, description, default: byDefault }] of declared) {
    it(`declares ${key} as the program reads it`, () => {
      const setting = stackSettings[key as SettingName];
      expect(setting, "a key that nothing reads").not.to.equal(undefined);
      expect(description).to.equal(setting.about);
      expect(type === "string").to.equal(setting.kind === "text");
      if (setting.absent) expect(byDefault).to.deep.equal(setting.absent.value);
      if (byDefault === undefined) return;
      expect(readConfiguration([key as SettingName], () => textOf(byDefault)).problems).to.deep.equal([]);
    });
  }

  it("declares every key that a stack cannot do without, so that the engine asks for it", () => {
    // The others are asked for by the program: not every stack reads them.
    const inEvery = sharedSettings.filter((name) => siteSettings.some((one) => one === name));
    const needed = inEvery.filter((name) => stackSettings[name].absent === undefined);
    expect(needed).to.include("accountId").and.not.include("role");
    expect(declared.map(([key]) => key)).to.include.members(needed);
  });
});

describe("docs/reference/configuration.md", () => {
  const keys = new Set(declared.map(([key]) => key));
  for (const name of names.filter((known) => !keys.has(known))) {
    it(`describes ${name}, which may be left out`, () => {
      expect(read("docs/reference/configuration.md")).to.match(new RegExp(`^\\| \`${name}\` `, "m"));
    });
  }
});

describe("a stack's configuration", () => {
  const wrong: [SettingName, string][] = [
    ["site", "secondary"],
    ["role", "boss"],
    ["namePrefix", "S"],
    ["namespace", "-shop"],
    ["databaseNamespace", "a/b"],
    ["primaryRegion", "Europe"],
    ["alternateRegion", "eu-central"],
    ["accountId", "12345678901"],
    ["publicHostname", "shop"],
    ["primaryHostname", "Shop.example"],
    ["alternateHostname", "a..example"],
    ["hostedZoneName", "shop.example."],
    ["imageRegistry", "registry.example/"],
    ["databaseImage", " "],
    ["tierReplicas", "[2]"],
    ["tierReplicas", '{"1": 1.5}'],
    ["accessNames", "partner api"],
    ["alarmSubscribers", '{"protocol": "email"}'],
  ];
  for (const [name, value] of wrong) {
    it(`refuses ${name} ${value}`, () => {
      const { problems } = readConfiguration([name], () => value);
      expect(problems).to.have.length(1);
      expect(problems[0]?.where).to.match(new RegExp(`^${name}`));
    });
  }

  for (const name of names) {
    const needed = stackSettings[name].absent === undefined;
    it(`${needed ? "needs" : "can do without"} ${name}`, () => {
      expect(readConfiguration([name], () => undefined).problems).to.have.length(needed ? 1 : 0);
    });
  }

  // A variable that was empty when the configuration was written: a default in its place would be, e.g., HTTP without a
  // certificate. Kubernetes gives an empty storage class a meaning of its own.
  for (const name of names.filter((one) => one !== "storageClassName")) {
    it(`refuses an empty ${name}, and puts no default in its place`, () => {
      expect(readConfiguration([name], () => "").problems).to.have.length(1);
    });
  }

  it("passes an empty storage class on", () => {
    const { values, problems } = readConfiguration(["storageClassName"], () => "");
    expect({ values, problems }).to.deep.equal({ values: { storageClassName: "" }, problems: [] });
  });

  it("gives a value that has a problem all the same, and every problem at once", () => {
    const { values, problems } = readConfiguration(["site", "role", "accountId"], (name) =>
      name === "site" ? "primary" : "x",
    );
    expect(values).to.deep.equal({ site: "primary", role: "x", accountId: "x" });
    expect(problems.map(({ where }) => where)).to.deep.equal(["role", "accountId"]);
  });

  it("is required key by key, with the whole problem in the error", () => {
    expect(requireSetting("site", () => "alternate")).to.equal("alternate");
    expect(() => requireSetting("site", () => undefined)).to.throw(
      "vapora-continuity:site is missing, but must be primary, alternate or shared; set it to what this stack deploys",
    );
  });

  it("lists every problem of one key in the error", () => {
    expect(() => requireSetting("accessNames", () => '["1st", "two words"]')).to.throw(
      /vapora-continuity:accessNames\[0\] is "1st".+; vapora-continuity:accessNames\[1\] is "two words"/,
    );
  });

  it("is named as pulumi config shows it, also in another project", () => {
    expect(inProject(problem("site", "x", "r", "m"), "shop").where).to.equal("shop:site");
  });
});

describe("the keys of the three stacks", () => {
  it("are all the keys, and only what no site needs is left to the shared stack", () => {
    expect(new Set([...sharedSettings, ...siteSettings])).to.deep.equal(new Set(names));
    const ofSharedOnly = names.filter((name) => !siteSettings.some((one) => one === name));
    expect(ofSharedOnly).to.have.members(["hostedZoneName", "hostedZoneId", "accessNames", "lockMode"]);
    expect(sharedSettings).to.include.members(ofSharedOnly);
  });
});

describe("what follows from several keys", () => {
  const site = { clusterName: undefined, namePrefix: "shop", site: "primary", kubeContext: undefined } as const;

  it("is the cluster's name", () => {
    expect(clusterNameOf(site)).to.equal("shop-primary");
    expect(clusterNameOf({ ...site, clusterName: "c" })).to.equal("c");
  });

  it("has the storage class that is configured, otherwise that of a created cluster", () => {
    expect(storageClassOf({ storageClassName: undefined, cluster: "existing" })).to.equal(undefined);
    expect(storageClassOf({ storageClassName: undefined, cluster: "created" })).to.equal("continuity-database");
    for (const cluster of ["existing", "created"] as const)
      for (const storageClassName of ["fast", ""])
        expect(storageClassOf({ storageClassName, cluster })).to.equal(storageClassName);
  });

  it("is the context: never the current one, unless the stack's own kubeconfig names it", () => {
    expect(kubeContextOf(site, false)).to.equal("shop-primary");
    expect(kubeContextOf(site, true)).to.equal(undefined);
    expect(kubeContextOf({ ...site, kubeContext: "k" }, true)).to.equal("k");
  });

  const sound = {
    namePrefix: "shop",
    site: "primary",
    primaryRegion: "eu-west-1",
    alternateRegion: "eu-central-1",
    publicHostname: "api.shop.example",
    hostedZoneName: "shop.example",
    certificateArn: "arn:aws:acm:eu-west-1:123456789012:certificate/x",
  } as const;
  it("needs no zone in a site's stack", () => {
    const { hostedZoneName: _, ...site } = sound;
    expect(contradictions(site)).to.deep.equal([]);
  });

  const broken: [Partial<Parameters<typeof contradictions>[0]>, string][] = [
    [{ alternateRegion: "eu-west-1" }, "alternateRegion"],
    [{ publicHostname: "api.other.example" }, "publicHostname"],
    [{ publicHostname: "myshop.example" }, "publicHostname"],
    [{ publicHostname: "shop.example" }, "publicHostname"],
    [{ site: "alternate" }, "certificateArn"],
    [{ certificateArn: "arn:aws:acm:eu-west-1:1:certificate/x" }, "certificateArn"],
    [{ certificateArn: "arn:aws:acm:eu-west-1:123456789012:certificate/" }, "certificateArn"],
    [{ certificateArn: "arn:aws:iam:eu-west-1:123456789012:certificate/x" }, "certificateArn"],
    [{ publicHostname: "api.shop.example.other.example" }, "publicHostname"],
  ];
  it("do not put Route 53's alarms into the region that they must report", () => {
    const lost = { primaryRegion: "us-east-1", certificateArn: undefined };
    const [found] = contradictions({ ...sound, ...lost, site: "primary" });
    expect(found?.where).to.equal("primaryRegion");
    expect(found?.rule).to.contain("must not be us-east-1");
    // The alternate's stack must be able to fail over all the same.
    expect(contradictions({ ...sound, ...lost, site: "alternate" })).to.deep.equal([]);
    expect(contradictions({ ...sound, alternateRegion: "us-east-1", certificateArn: undefined })).to.deep.equal([]);
  });

  it("may be without contradiction", () => expect(contradictions(sound)).to.deep.equal([]));
  for (const [change, where] of broken) {
    it(`contradicts itself with ${JSON.stringify(change)}`, () => {
      expect(contradictions({ ...sound, ...change }).map((found) => found.where)).to.deep.equal([where]);
    });
  }

  it("may name a certificate of either site in the shared stack, and of no other region", () => {
    const named = (region: string) => `arn:aws:acm:${region}:123456789012:certificate/x`;
    const found = (region: string) => contradictions({ ...sound, site: "shared", certificateArn: named(region) });
    for (const region of ["eu-west-1", "eu-central-1"]) expect(found(region)).to.deep.equal([]);
    expect(found("us-east-1").map(({ where }) => where)).to.deep.equal(["certificateArn"]);
  });

  it("accepts a certificate of another partition", () => {
    const regions = { primaryRegion: "cn-north-1", alternateRegion: "cn-northwest-1" };
    const certificateArn = "arn:aws-cn:acm:cn-northwest-1:123456789012:certificate/x";
    expect(contradictions({ ...sound, ...regions, site: "alternate", certificateArn })).to.deep.equal([]);
  });

  it("lists every contradiction at once", () => {
    const all = { alternateRegion: "eu-west-1", publicHostname: "shop.example", certificateArn: "none" };
    expect(contradictions({ ...sound, ...all }).map(({ where }) => where))
      .to //
      .deep.equal(["alternateRegion", "publicHostname", "certificateArn"]);
  });

  for (const key of ["publicHostname", "hostedZoneName"] as const) {
    it(`is silent about the zone while ${key} alone is missing`, () => {
      expect(contradictions({ ...sound, [key]: "" })).to.deep.equal([]);
    });
  }

  it("is silent about keys that are missing: each is reported as missing", () => {
    const missing = { primaryRegion: "", alternateRegion: "", publicHostname: "", hostedZoneName: "" };
    expect(contradictions({ ...sound, ...missing, certificateArn: undefined })).to.deep.equal([]);
  });
});
