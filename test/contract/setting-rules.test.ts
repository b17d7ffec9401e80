/** Where the rule of each key of the configuration begins and ends. */
import { expect } from "chai";
import fc from "fast-check";
import { readConfiguration, stackSettings, type SettingName } from "../../contract/index.ts";

const problemsOf = (name: SettingName, written: string) => readConfiguration([name], () => written).problems;
const valueOf = (name: SettingName, written: string | undefined): unknown =>
  readConfiguration([name], () => written).values[name];

const label = (length: number): string => "a".repeat(length);
/** 253 characters, the longest name in DNS. */
const longestName = `${[63, 63, 63, 57].map(label).join(".")}.com`;
const tooLongName = `${[63, 63, 63, 58].map(label).join(".")}.com`;

const boundaries: [name: SettingName, accepted: string[], refused: string[]][] = [
  ["site", ["primary", "alternate"], ["Primary", "primary "]],
  ["role", ["active", "standby", "isolated"], ["Active", "passive"]],
  ["namePrefix", ["abc", label(24), "a-1"], ["ab", label(25), "1ab", "ab-", "a_b"]],
  ["namespace", ["a", label(50)], [label(51), "shop-", "1shop", "Shop"]],
  ["databaseNamespace", ["_", label(63), "Shop_1"], [label(64), "1shop", "my-shop"]],
  ["primaryRegion", ["eu-west-1", "us-gov-west-1", "ap-southeast-2"], ["eu-west", "eu-west-10", "eu-west-1a"]],
  ["alternateRegion", ["cn-northwest-1"], ["EU-WEST-1", "eu1"]],
  ["accountId", ["012345678901"], ["1234567890123", "12345678901x"]],
  ["publicHostname", [longestName, "a.example", "xn--bcher-kva.example"], [tooLongName, "shop.1a", "-a.example"]],
  ["primaryHostname", [`${label(63)}.example`], [`${label(64)}.example`, "a_b.example", "a-.example"]],
  ["imageRegistry", ["127.0.0.1:5000/shop"], ["https://r.example/Shop", "r.example/Shop", "/shop"]],
  ["imageTag", ["1.0.0"], [" "]],
  ["lockMode", ["COMPLIANCE", "GOVERNANCE"], ["governance", "NONE"]],
  ["lockDays", ["1", "400"], ["0", "1.5", "a week", ""]],
  ["tierReplicas", ["{}", '{"1": 1}', '{"1": 3, "2": 1}'], ['{"1": 0}', '{"1": "2"}', "null", "2", "[]", "{"]],
  ["accessNames", ['["a"]', '["_a1", "B"]'], ["[]", '["1a"]', '["a", "a"]', "[1]", "[true]", "{}"]],
  ["alarmSubscribers", ["[]"], ["email", "{}", "[null]"]],
  ["networkRange", ["10.64.0.0/15", "172.16.0.0/19"], ["10.64.0.0/14", "10.64.0.0/20", "10.64.0.0", "8.0.0.0/15", ""]],
  ["privateSubnetIds", ["[]", '["subnet-0123456789abcdef0"]'], ['["vpc-1"]', "[1]", "{}"]],
  ["clusterPublicCidrs", ["[]", '["203.0.113.0/24"]'], ['["0.0.0.0/0"]', '["203.0.113.1/24"]', "[null]"]],
  ["clusterAdmins", ["[]", '["arn:aws:iam::123456789012:role/a"]'], ['["arn:aws:iam::123456789012:root"]', "[1]"]],
];

describe("the rule of a setting", () => {
  for (const [name, accepted, refused] of boundaries) {
    it(`of ${name} accepts ${accepted.map((text) => text.slice(0, 26)).join(" and ")}`, () => {
      for (const written of accepted) expect(problemsOf(name, written), written).to.deep.equal([]);
    });

    it(`of ${name} refuses ${refused.map((text) => text.slice(0, 26)).join(" and ")}`, () => {
      for (const written of refused) expect(problemsOf(name, written), written).to.have.length(1);
    });
  }

  it("holds for each entry of a list, and names it", () => {
    const found = problemsOf("accessNames", '["account", "two words", "account"]');
    expect(found.map(({ where, value }) => [where, value])).to.deep.equal([
      ["accessNames[1]", '"two words"'],
      ["accessNames[2]", '"account"'],
    ]);
  });

  it("also holds for an optional key that is set", () => {
    for (const name of ["clusterName", "hostedZoneId", "planFile"] as const) {
      expect(problemsOf(name, " "), name).to.have.length(1);
    }
  });

  it("reports a text that is not a list as it was written", () => {
    expect(problemsOf("accessNames", "two words")[0]?.value).to.equal('"two words"');
    expect(problemsOf("alarmSubscribers", "on-call")[0]?.value).to.equal('"on-call"');
  });

  it("reports a key that is not set as missing, never as an empty text", () => {
    for (const name of ["site", "namePrefix"] as const) {
      expect(readConfiguration([name], () => undefined).problems[0]?.value).to.equal("missing");
      expect(problemsOf(name, "")[0]?.value).to.equal("missing");
    }
  });
});

describe("the value of a setting", () => {
  const names = Object.keys(stackSettings) as SettingName[];

  const defaults: [SettingName, unknown][] = [
    ["imageTag", "1.0.0"],
    ["databaseImage", "surrealdb/surrealdb:v3.0.3"],
    ["databaseStorage", "50Gi"],
    ["network", "existing"],
    ["networkRange", "10.64.0.0/15"],
    ["natGateways", "zone"],
    ["cluster", "existing"],
    ["clusterPublicCidrs", []],
    ["lockMode", "COMPLIANCE"],
    ["lockDays", undefined],
    ["alarmSubscribers", []],
    ["tierReplicas", undefined],
    ["certificateArn", undefined],
    ["hostedZoneId", undefined],
  ];
  for (const [name, value] of defaults) {
    it(`of ${name} is ${JSON.stringify(value) ?? "left open"} by default`, () => {
      expect(valueOf(name, undefined)).to.deep.equal(value);
      expect(valueOf(name, ""), "an empty text never becomes the default").not.to.deep.equal(value);
    });
  }

  it("of a list that every stack needs is an empty list, which readers may go through", () => {
    expect(valueOf("accessNames", undefined)).to.deep.equal([]);
  });

  it("is the parsed JSON of a list or an object", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,8}$/)), (accesses) => {
        expect(valueOf("accessNames", JSON.stringify(accesses))).to.deep.equal(accesses);
      }),
    );
    expect(valueOf("tierReplicas", '{"1": 2}')).to.deep.equal({ 1: 2 });
  });

  it("is read without an exception, whatever is written", () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.oneof(fc.string(), fc.json()), (name, written) => {
        for (const { where } of problemsOf(name, written)) expect(where.startsWith(name)).to.equal(true);
      }),
    );
  });

  it("of a text is what was written", () => {
    const texts = names.filter((name) => stackSettings[name].kind === "text");
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.string({ minLength: 1 }), (name, written) => {
        expect(valueOf(name, written)).to.equal(written);
      }),
    );
  });
});
