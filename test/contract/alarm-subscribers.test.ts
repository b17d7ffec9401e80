import { expect } from "chai";
import { describeProblem, subscriberProblems, type AlarmSubscriber } from "../../contract/index.ts";

const problems = (...subscribers: unknown[]): string[] =>
  subscriberProblems("alarmSubscribers", subscribers as AlarmSubscriber[]).map(describeProblem);

describe("alarm subscribers", () => {
  const good: [string, string][] = [
    ["email", "on-call@shop.example"],
    ["email-json", "on-call@shop.example"],
    ["https", "https://events.shop.example/v1/alarms?key=x"],
    ["sqs", "arn:aws:sqs:eu-west-1:123456789012:alarms"],
    ["lambda", "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:alarms"],
    ["sms", "+12025550101"],
    ["sms", "+123456789012345"],
    ["sqs", "arn:aws-cn:sqs:cn-north-1:123456789012:alarms"],
  ];
  for (const [protocol, endpoint] of good) {
    it(`may be reached by ${protocol}`, () => expect(problems({ protocol, endpoint })).to.be.empty);
  }

  const wrong: [unknown, string][] = [
    [
      { protocol: "pager", endpoint: "1" },
      'alarmSubscribers[0].protocol is "pager", but must be one of email, email-json, https',
    ],
    [{ protocol: "http", endpoint: "http://events.shop.example" }, 'protocol is "http"'],
    [{ protocol: "toString", endpoint: "x" }, 'protocol is "toString"'],
    [{ endpoint: "on-call@shop.example" }, "alarmSubscribers[0].protocol is missing"],
    [{ protocol: "email" }, "alarmSubscribers[0].endpoint is missing, but must be an endpoint of email; write e.g."],
    [{ protocol: "email", endpoint: "on-call" }, 'endpoint is "on-call"'],
    [{ protocol: "https", endpoint: "http://events.shop.example" }, "must be an endpoint of https"],
    [{ protocol: "sqs", endpoint: "alarms" }, "must be an endpoint of sqs"],
    [{ protocol: "lambda", endpoint: "arn:aws:sqs:eu-west-1:123456789012:alarms" }, "must be an endpoint of lambda"],
    [{ protocol: "sms", endpoint: "0202 5550101" }, "must be an endpoint of sms"],
    [{ protocol: "sms", endpoint: "+1234567890123456" }, "must be an endpoint of sms"],
    [{ protocol: "sms", endpoint: "+02025550101" }, "must be an endpoint of sms"],
    [{ protocol: "sqs", endpoint: "arn:aws:sqs:eu-west-1:1:alarms" }, "must be an endpoint of sqs"],
    [null, "alarmSubscribers[0].protocol is missing"],
    [{ protocol: "sms", endpoint: 12025550101 }, "must be an endpoint of sms"],
  ];
  for (const [subscriber, message] of wrong) {
    it(`may not be ${JSON.stringify(subscriber)}`, () => {
      const [first, ...others] = problems(subscriber);
      expect(first).to.contain(message);
      expect(others).to.be.empty;
    });
  }

  it("must be unique", () => {
    const email = { protocol: "email", endpoint: "on-call@shop.example" };
    expect(problems(email, { ...email, endpoint: "deputy@shop.example" }, email)).to.deep.equal([
      'alarmSubscribers[2] is "on-call@shop.example", but must not be repeated, as SNS keeps one subscription per endpoint; remove the second entry',
    ]);
  });

  it("may share an endpoint under different protocols", () => {
    const endpoint = "on-call@shop.example";
    expect(problems({ protocol: "email", endpoint }, { protocol: "email-json", endpoint })).to.be.empty;
  });

  it("are compared with the entries before them, also where one was left empty", () => {
    const found = problems(null, { protocol: "email", endpoint: "on-call@shop.example" });
    expect(found).to.have.length(1);
    expect(found[0]).to.contain("alarmSubscribers[0].protocol");
  });

  it("are all reported at once if several are invalid", () => {
    expect(problems({ protocol: "email", endpoint: "" }, { protocol: "fax", endpoint: "" })).to.have.length(2);
  });
});
