import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { readSettings, type Settings, type SiteSettings } from "../../../components/stack/index.ts";
import type { Role, SiteName } from "../../../contract/index.ts";
import { refusal, stackConfig, withProject } from "../../support/fixtures.ts";
import { startMocks } from "../../support/pulumi-mocks.ts";

const read = (changes: Record<string, string> = {}): Promise<SiteSettings> =>
  readAs(stackConfig("primary", "active"), changes) as Promise<SiteSettings>;

const readAs = async (stack: Record<string, string>, changes: Record<string, string> = {}): Promise<Settings> => {
  const config = { ...stack, ...withProject(changes) };
  await startMocks({}, Object.fromEntries(Object.entries(config).filter(([, value]) => value !== "(none)")));
  return readSettings(new pulumi.Config());
};

const refused = async (changes: Record<string, string>, stack?: Record<string, string>): Promise<string> => {
  const settings = await readAs(stack ?? stackConfig("primary", "active"), changes).catch((error: Error) => error);
  return settings instanceof Error ? settings.message : refusal(() => settings);
};

describe("stack settings", () => {
  it("are read unchanged", async () => {
    expect(await read()).to.include({ site: "primary", role: "active", namePrefix: "shop", accountId: "123456789012" });
  });

  it("have defaults shared by most stacks", async () => {
    const settings = await read();
    expect(settings).to.include({ clusterName: "shop-primary", databaseStorage: "50Gi", planFile: undefined });
    expect(settings.imageRegistry).to.equal("registry.vapora.example/vapora");
  });

  it("accept numbers of pods by tier", async () => {
    expect((await read({ tierReplicas: '{"1": 3}' })).tierReplicas).to.deep.equal({ 1: 3 });
  });

  it("keep the kubeconfig secret", async () => {
    const { kubeconfig } = await read({ kubeconfig: "{}" });
    expect(await pulumi.isSecret(kubeconfig!)).to.equal(true);
  });

  const wrong: [string, string, string][] = [
    ["site", "secondary", "must be primary, alternate or shared"],
    ["role", "passive", "must be active, standby or isolated"],
    ["namePrefix", "Shop", "lower-case letters"],
    ["namePrefix", "s", "3 to 24"],
    ["namePrefix", "a".repeat(25), "3 to 24"],
    ["namespace", "Shop", "must be a Kubernetes namespace"],
    ["databaseNamespace", "my shop", "must be a valid name for DEFINE NAMESPACE"],
    ["imageRegistry", "https://registry.example.com/", "must be a registry with its path"],
    ["primaryRegion", "Europe", "must be an AWS region"],
    ["alternateRegion", "eu-west-1", "must differ from primaryRegion"],
    ["accountId", "1234", "12 digits"],
    ["alternateHostname", "Alternate.Shop.example", "must be a lower-case DNS name"],
    ["primaryHostname", "primary", "must be a lower-case DNS name"],
    ["certificateArn", "arn:aws:acm:eu-central-1:123456789012:certificate/x", "in this site's region"],
    ["certificateArn", "my-certificate", "must be the ARN of an ACM certificate"],
    ["tierReplicas", '{"1": 0}', "each 1 or more"],
    ["tierReplicas", "two", "each 1 or more"],
    ["alarmSubscribers", "(none)", "must name at least one subscriber"],
    ["alarmSubscribers", "[]", "must name at least one subscriber"],
    ["network", "new", "must be existing or created"],
    ["networkRange", "10.64.0.0/20", "must have a prefix of 15 to 19"],
    ["networkRange", "10.65.0.0/15", "begins at a multiple of its size"],
    ["networkRange", "100.64.0.0/15", "must be in 10/8, 172.16/12 or 192.168/16"],
    ["natGateways", "two", "must be zone or single"],
    ["cluster", "eks", "must be existing or created"],
    ["clusterVersion", "1.34.1", "must be a minor version"],
  ];

  const foundation: [Record<string, string>, string][] = [
    [{ network: "created" }, "vapora-continuity:network is "],
    [{ cluster: "created" }, "vapora-continuity:privateSubnetIds is missing"],
    [{ cluster: "created", privateSubnetIds: '["subnet-0123456789abcdef0"]' }, "must name two subnets or more"],
    [
      { cluster: "created", privateSubnetIds: '["subnet-0123456789abcdef0", "subnet-0123456789abcdef0"]' },
      "must name two subnets or more",
    ],
    [
      { network: "created", cluster: "created", privateSubnetIds: '["subnet-0123456789abcdef0"]' },
      "must be empty if the network is created",
    ],
  ];
  for (const [changes, message] of foundation) {
    it(`refuse ${JSON.stringify(changes)}`, async () => {
      expect(await refused(changes))
        .to.contain(message)
        .and.contain("1 problem(s)");
    });
  }

  it("accept a created cluster in an existing or a created network", async () => {
    const subnets = '["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]';
    for (const changes of [{ network: "created" }, { privateSubnetIds: subnets }])
      expect((await read({ cluster: "created", ...changes })).cluster).to.equal("created");
  });

  for (const [key, value, rule] of wrong) {
    it(`refuse ${key} ${value.length > 24 ? `of ${value.length} characters` : value}`, async () => {
      const message = await refused({ [key]: value });
      expect(message).to.contain(`vapora-continuity:${key} is `).and.contain(rule);
      expect(message).to.contain("1 problem(s)");
    });
  }

  it("accept a list of subscribers", async () => {
    expect((await read()).alarmSubscribers).to.deep.equal([{ protocol: "email", endpoint: "on-call@shop.example" }]);
  });

  const notSubscribers: [string, string][] = [
    ['[{"protocol": "email"}]', "alarmSubscribers[0].endpoint is missing"],
    ['[{"protocol": "fax", "endpoint": "1"}, null]', "alarmSubscribers[1].protocol is "],
    ['{"protocol": "email"}', "alarmSubscribers[0].protocol is "],
    ["on-call@shop.example", 'alarmSubscribers[0].protocol is "on-call@shop.example"'],
  ];
  for (const [value, message] of notSubscribers) {
    it(`refuse alarmSubscribers ${value}`, async () => {
      expect(await refused({ alarmSubscribers: value })).to.contain(`vapora-continuity:${message}`);
    });
  }

  const silent: [SiteName, Role, boolean][] = [
    ["primary", "active", false],
    ["primary", "standby", false],
    ["alternate", "standby", false],
    ["alternate", "active", true],
    ["primary", "isolated", true],
    ["alternate", "isolated", true],
  ];
  for (const [site, role, accepted] of silent) {
    it(`${accepted ? "accept" : "reject"} a ${site} site that is ${role} without alarm subscribers`, async () => {
      const message = await refused({ site, role, alarmSubscribers: "[]" }).catch((error: Error) => error.message);
      expect(message).to.contain(accepted ? "nothing was refused" : "or nobody is notified of this site's alarms");
    });
  }

  it("only warn if a failover activates a site without subscribers, so as not to block it", async () => {
    const { alarmSubscribers } = await read({ site: "alternate", role: "active", alarmSubscribers: "[]" });
    expect(alarmSubscribers).to.be.empty;
  });

  it("report all missing values at once", async () => {
    const keys = ["site", "role", "namePrefix", "primaryRegion", "alternateRegion", "accountId", "publicHostname"];
    const message = await refused(Object.fromEntries(keys.map((key) => [key, "(none)"])));
    for (const key of keys) expect(message).to.contain(`vapora-continuity:${key} is missing`);
  });
});

describe("settings of the shared stack", () => {
  const shared = stackConfig("shared");

  it("need no role and no cluster", async () => {
    const settings = await readAs(shared);
    expect(settings).to.include({ site: "shared", namePrefix: "shop", hostedZoneName: "shop.example" });
    expect(settings).not.to.have.any.keys("role", "clusterName", "imageRegistry", "kubeconfig");
  });

  it("accept the certificate of either site, which decides the scheme that users connect over", async () => {
    for (const region of ["eu-west-1", "eu-central-1"]) {
      const certificateArn = `arn:aws:acm:${region}:123456789012:certificate/x`;
      expect(await readAs(shared, { certificateArn })).to.include({ certificateArn });
    }
    const elsewhere = { certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/x" };
    expect(await refused(elsewhere, shared)).to.contain("must be the ARN of an ACM certificate in a site's region");
  });

  const wrong: [string, string, string][] = [
    ["namePrefix", "s", "3 to 24"],
    ["alternateRegion", "eu-west-1", "must differ from primaryRegion"],
    ["publicHostname", "api.other.example", "must be in hostedZoneName"],
    ["publicHostname", "shop.example", "must be a name below hostedZoneName"],
    ["hostedZoneName", "(none)", "must be a lower-case DNS name"],
    ["accessNames", "[]", "must name at least one access"],
    ["accessNames", "(none)", "must name at least one access"],
    ["alarmSubscribers", "[]", "or nobody is notified of an unreachable site"],
    ["accountId", "(none)", "12 digits"],
  ];
  for (const [key, value, rule] of wrong) {
    it(`refuse ${key} ${value}`, async () => {
      const message = await refused({ [key]: value }, shared);
      expect(message).to.contain(`vapora-continuity:${key} is `).and.contain(rule).and.contain("1 problem(s)");
    });
  }

  it("accept the names of accesses that sign tokens", async () => {
    expect(await readAs(shared)).to.deep.include({ accessNames: ["account"] });
    const accessNames = '["account", "partner_api"]';
    expect(await readAs(shared, { accessNames })).to.deep.include({ accessNames: ["account", "partner_api"] });
  });

  const notAccesses: [string, string][] = [
    ["partner api", 'accessNames[0] is "partner api"'],
    ['["partner-api", "account"]', 'accessNames[0] is "partner-api"'],
    ['["account", "account"]', 'accessNames[1] is "account", but must not be repeated'],
    ["[1]", "accessNames[0] is 1"],
    ['{"account": true}', "accessNames[0] is "],
  ];
  for (const [value, message] of notAccesses) {
    it(`refuse accessNames ${value}`, async () => {
      expect(await refused({ accessNames: value }, shared)).to.contain(`vapora-continuity:${message}`);
    });
  }
});
