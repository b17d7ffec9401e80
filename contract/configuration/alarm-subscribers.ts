/** Subscribers of the alarms, and the rules that SNS would enforce only during deployment. */
import { problem, type Problem } from "../problems.ts";

export interface AlarmSubscriber {
  /** How SNS delivers: `email`, `email-json`, `https`, `sqs`, `lambda` or `sms`. */
  protocol: string;
  /** Email address, URL, ARN or telephone number, e.g. `+12025550101`, depending on the protocol. */
  endpoint: string;
}

const address = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;
const arnOf = (service: string): RegExp => new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:.+$`);

/** Format of each protocol's endpoint. No plain HTTP: alarms disclose which safeguard is down. */
const endpoints: Readonly<Record<string, { pattern: RegExp; example: string }>> = {
  email: { pattern: address, example: "on-call@example.com" },
  "email-json": { pattern: address, example: "on-call@example.com" },
  https: { pattern: /^https:\/\/[^\s/]+/, example: "https://events.example.com/alarms" },
  sqs: { pattern: arnOf("sqs"), example: "arn:aws:sqs:eu-west-1:123456789012:alarms" },
  lambda: { pattern: arnOf("lambda"), example: "arn:aws:lambda:eu-west-1:123456789012:function:alarms" },
  sms: { pattern: /^\+[1-9]\d{6,14}$/, example: "+12025550101" },
};

/** Problems of entries that SNS would refuse or that are duplicates. */
export const subscriberProblems = (where: string, subscribers: readonly AlarmSubscriber[]): Problem[] =>
  subscribers.flatMap((subscriber, index) =>
    entryProblems(`${where}[${index}]`, subscriber, subscribers.slice(0, index)),
  );

/** A list entry left empty in YAML is null. */
function entryProblems(
  where: string,
  subscriber: AlarmSubscriber | null,
  before: readonly AlarmSubscriber[],
): Problem[] {
  const { protocol, endpoint }: Partial<AlarmSubscriber> = subscriber ?? {};
  const known = protocol !== undefined && Object.hasOwn(endpoints, protocol) ? endpoints[protocol] : undefined;
  if (known === undefined) {
    const rule = `must be one of ${Object.keys(endpoints).join(", ")}`;
    return [problem(`${where}.protocol`, protocol, rule, "choose one, e.g. email")];
  }
  if (typeof endpoint !== "string" || !known.pattern.test(endpoint)) {
    const rule = `must be an endpoint of ${protocol}`;
    return [problem(`${where}.endpoint`, endpoint, rule, `write e.g. ${known.example}`)];
  }
  if (!before.some((other) => other?.protocol === protocol && other.endpoint === endpoint)) return [];
  const rule = "must not be repeated, as SNS keeps one subscription per endpoint";
  return [problem(where, endpoint, rule, "remove the second entry")];
}
