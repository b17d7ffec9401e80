/** Every mistake is refused at check, without a call to AWS. */
import { expect } from "chai";
import { awsProvider } from "../../../providers/aws/index.ts";
import { expectRefusal } from "../contract/resource-contract.ts";
import { ResourceDriver } from "../contract/resource-driver.ts";
import { account, cases } from "./cases.ts";
import type { Fixtures } from "./fixtures.ts";
import { mistakes } from "./mistakes.ts";

const arn = (service: string, resource: string): string => `arn:aws:${service}:eu-west-1:${account}:${resource}`;

const fixtures: Fixtures = {
  bucket: "near",
  farBucket: "far",
  plainBucket: "plain",
  role: `arn:aws:iam::${account}:role/fixtures`,
  otherRole: `arn:aws:iam::${account}:role/other`,
  key: { type: "", name: "", id: "mrk-1", inputs: {}, outputs: { arn: arn("kms", "key/mrk-1") } },
  topic: arn("sns", "fixtures"),
  queue: arn("sqs", "fixtures"),
  secret: arn("secretsmanager", "secret:fixtures"),
  zone: "Z1",
  cluster: "fixtures",
  subnets: ["subnet-1", "subnet-2"],
  vpc: "vpc-1",
  routeTable: "rtb-1",
  gateway: "igw-1",
  natGateway: "nat-1",
  address: "eipalloc-1",
};

describe("mistakes in AWS inputs", () => {
  const driver = new ResourceDriver(
    awsProvider({
      endpoint: () => {
        throw new Error("no call to AWS may be made here");
      },
      globalEndpoint: "http://127.0.0.1:1",
    }),
  );

  it("are each of a type that has a case", () => {
    expect(cases.map(({ type }) => type)).to.include.members(Object.keys(mistakes));
  });

  for (const { type, inputs } of cases)
    for (const [index, mistake] of (mistakes[type] ?? []).entries())
      it(`${type}: ${mistake.property} (${index})`, () => expectRefusal(driver, type, inputs(fixtures), mistake));
});
