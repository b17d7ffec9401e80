import { expect } from "chai";
import { networkPolicies } from "../../../components/site/network-policies.ts";
import { facts } from "../../support/fixtures.ts";
import { at, made, ofType, settled, startMocks } from "../../support/pulumi-mocks.ts";

type Labels = Record<string, string>;
interface Selector {
  matchLabels?: Labels;
}
interface Peer {
  podSelector?: Selector;
  ipBlock?: { cidr: string };
}
interface Rule {
  from?: Peer[];
  to?: Peer[];
  ports?: { protocol: string; port: number }[];
}

/** A pod by its labels, or an address outside the cluster. */
type End = Labels | string;

const pod = (name: string, whole: string): Labels => ({
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/part-of": whole,
});

const entry = pod("checkout", "platform");
const inner = pod("billing", "platform");
const database = pod("surrealdb", "platform");
const job = pod("export", "continuity");
const stranger = pod("miner", "other");
const internet = "203.0.113.7";
const agent = "169.254.170.23";
const ends = { entry, inner, database, job, stranger, internet, agent };

const selects = ({ matchLabels = {} }: Selector, end: End): boolean =>
  typeof end !== "string" && Object.entries(matchLabels).every(([key, value]) => end[key] === value);

const matches = ({ podSelector, ipBlock }: Peer, end: End): boolean =>
  podSelector ? selects(podSelector, end) : typeof end === "string" && ipBlock?.cidr === `${end}/32`;

/** As Kubernetes decides: a pod that a policy selects gets what any policy's rule permits; others get everything. */
function oneWay(direction: "Ingress" | "Egress", own: End, other: End, port: number, protocol: string): boolean {
  if (typeof own === "string") return true;
  const selecting = ofType("kubernetes:networking.k8s.io/v1:NetworkPolicy").filter(
    (found) =>
      selects(at(found, "spec.podSelector") as Selector, own) &&
      (at(found, "spec.policyTypes") as string[]).includes(direction),
  );
  if (selecting.length === 0) return true;
  const [list, peers] = direction === "Ingress" ? (["ingress", "from"] as const) : (["egress", "to"] as const);
  const rules = selecting.flatMap((found) => (at(found, `spec.${list}`) as Rule[] | undefined) ?? []);
  return rules.some(
    (rule) =>
      (rule[peers]?.some((peer) => matches(peer, other)) ?? true) &&
      (rule.ports?.some((open) => open.port === port && open.protocol === protocol) ?? true),
  );
}

const connects = (from: End, to: End, port: number, protocol = "TCP"): boolean =>
  oneWay("Egress", from, to, port, protocol) && oneWay("Ingress", to, from, port, protocol);

describe("network policies", () => {
  before(async () => {
    await startMocks();
    networkPolicies(facts(), "checkout", {});
    await settled();
  });

  type Name = keyof typeof ends;
  const cases: [from: Name, to: Name, port: number, permitted: boolean, protocol?: string][] = [
    ["internet", "entry", 8080, true],
    ["internet", "entry", 8000, false],
    ["internet", "inner", 8080, false],
    ["internet", "database", 8000, false],
    ["internet", "job", 8080, false],
    ["entry", "inner", 8080, true],
    ["inner", "entry", 8080, true],
    ["inner", "inner", 9090, false],
    ["job", "inner", 8080, false],
    ["stranger", "inner", 8080, false],
    ["entry", "database", 8000, true],
    ["job", "database", 8000, true],
    ["stranger", "database", 8000, false],
    ["job", "database", 22, false],
    ["entry", "job", 8080, false],
    ["database", "job", 8000, false],
    ["job", "stranger", 8000, false],
    ["job", "internet", 443, true],
    ["entry", "internet", 443, true],
    ["job", "internet", 80, false],
    ["job", "internet", 8000, false],
    ["entry", "internet", 8080, false],
    ["job", "agent", 80, true],
    ["entry", "agent", 80, true],
    ["job", "internet", 53, true],
    ["job", "internet", 53, true, "UDP"],
    ["job", "internet", 443, false, "UDP"],
  ];

  for (const [from, to, port, permitted, protocol = "TCP"] of cases) {
    it(`${permitted ? "permit" : "deny"} ${from} to ${to} on ${protocol} port ${port}`, () => {
      expect(connects(ends[from], ends[to], port, protocol)).to.equal(permitted);
    });
  }

  it("open ports one by one to whoever may enter, also where the sender's own policy would hold it back", () => {
    for (const found of ofType("kubernetes:networking.k8s.io/v1:NetworkPolicy")) {
      const rules = (at(found, "spec.ingress") as Rule[] | undefined) ?? [];
      for (const { ports } of rules) expect(ports, found.name).to.have.length(1);
    }
  });

  it("are all in the site's namespace, under their own names", () => {
    for (const found of made) {
      expect(found.inputs["metadata"], found.name).to.deep.equal({ name: found.name, namespace: "vapora" });
    }
  });
});
