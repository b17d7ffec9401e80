/** Who gets the alarms, and the rules that SNS would enforce only after the deployment had begun. */
import { problem, type Problem } from "../problems.ts";

export interface AlarmSubscriber {
  /** How SNS delivers: `email`, `email-json`, `https`, `sqs`, `lambda` or `sms`. */
  protocol: string;
  /** Where to: an address, a URL, an ARN, or a telephone number such as `+12025550101`. */
  endpoint: string;
}

const address = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;
const arnOf = (service: string): RegExp => new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:.+$`);

/** What an endpoint of each protocol looks like. No plain http: alarms say which safeguard is down. */
const endpoints: Readonly<Record<string, { pattern: RegExp; example: string }>> = {
  email: { pattern: address, example: "on-call@example.com" },
  "email-json": { pattern: address, example: "on-call@example.com" },
  https: { pattern: /^https:\/\/[^\s/]+/, example: "https://events.example.com/alarms" },
  sqs: { pattern: arnOf("sqs"), example: "arn:aws:sqs:eu-west-1:123456789012:alarms" },
  lambda: { pattern: arnOf("lambda"), example: "arn:aws:lambda:eu-west-1:123456789012:function:alarms" },
  sms: { pattern: /^\+[1-9]\d{6,14}$/, example: "+12025550101" },
};

/** Every entry that SNS would refuse, or that is there twice. */
export const subscriberProblems = (where: string, subscribers: readonly AlarmSubscriber[]): Problem[] =>
  subscribers.flatMap((subscriber, index) =>
    entryProblems(`${where}[${index}]`, subscriber, subscribers.slice(0, index)),
  );

/** An entry of a list that was left empty in YAML is null. */
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
  const rule = "must be there once, as SNS keeps one subscription of each";
  return [problem(where, endpoint, rule, "remove the second entry")];
}
