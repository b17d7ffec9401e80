import { expect } from "chai";
import { at, made, ofType, settled, startMocks } from "../../support/pulumi-mocks.ts";
import { plan } from "../../support/fixtures.ts";
import { build } from "./full-site.ts";
import {
  enters,
  leaves,
  reachesPod,
  reachesService,
  renderedCluster,
  type Cluster,
  type Pod,
  type Service,
} from "./vpc-cni.ts";

const services = plan.tiers.flatMap((tier) => tier.services);
const nameOf = (id: string) => (services.find((service) => service.id === id)?.holdsData ? "surrealdb" : id);
const entries = services.filter(({ takesTraffic }) => takesTraffic).map(({ id }) => id);

/** Every connection that the plan permits: from a service that needs another, and from a job to the database. */
const edges = new Set(services.flatMap(({ id, needs }) => needs.map((need) => `${nameOf(id)} to ${nameOf(need)}`)));
const isJob = (pod: Pod) => pod.labels["app.kubernetes.io/part-of"] === "continuity";
const permits = (from: Pod, to: string) => edges.has(`${from.name} to ${to}`) || (isJob(from) && to === "surrealdb");

const portOf = (name: string) => (name === "surrealdb" ? 8000 : 8080);
const policies = () => ofType("kubernetes:networking.k8s.io/v1:NetworkPolicy");

for (const family of ["IPv4", "IPv6"] as const) {
  describe(`network policies as the VPC CNI enforces them in an ${family} cluster`, () => {
    let cluster: Cluster;
    before(async () => {
      await startMocks();
      build();
      await settled();
      cluster = renderedCluster(family);
    });

    const pairs = (): [from: Pod, to: Service][] =>
      cluster.pods.flatMap((from) => cluster.services.map((to): [Pod, Service] => [from, to]));
    const podOf = ({ name }: { name: string }) => cluster.pods.find((pod) => pod.name === name)!;
    const internet = family === "IPv4" ? "203.0.113.7" : "2001:db8::7";

    it("pass every edge, and nothing else, to the Service's address", () => {
      expect(edges).to.have.length.greaterThan(5);
      for (const [from, to] of pairs()) {
        for (const { port } of to.ports) {
          // The load balancer's TLS port: any pod may open port 443 anywhere, and anybody may enter the site there.
          const open = port === 443 || permits(from, to.name);
          expect(reachesService(cluster, from, to, port), `${from.name} to ${to.name}:${port}`).to.equal(open);
        }
      }
    });

    it("pass every edge, and nothing else, to the pod's address", () => {
      for (const [from, to] of pairs()) {
        const passes = reachesPod(cluster, from, podOf(to), portOf(to.name));
        expect(passes, `${from.name} to ${to.name}`).to.equal(permits(from, to.name));
      }
    });

    it("hold on each side alone, should the other side be opened", () => {
      for (const [from, to] of pairs()) {
        const what = `${from.name} to ${to.name}`;
        expect(leaves(cluster, from, podOf(to).address, portOf(to.name)), what).to.equal(permits(from, to.name));
        const expected = entries.includes(to.name) || permits(from, to.name);
        expect(enters(cluster, podOf(to), from.address, portOf(to.name)), what).to.equal(expected);
      }
    });

    it("pass no other port", () => {
      for (const [from, to] of pairs()) {
        for (const port of [22, 80, 443, 9090, portOf(to.name) === 8000 ? 8080 : 8000]) {
          expect(reachesPod(cluster, from, podOf(to), port), `${from.name} to ${to.name}:${port}`).to.equal(false);
        }
      }
    });

    it("let nobody connect to a pod without a Service", () => {
      const served = new Set(cluster.services.map(({ name }) => name));
      const closed = cluster.pods.filter(({ name }) => !served.has(name));
      expect(closed.map(({ name }) => name)).to.include.members(["export", "writer-guard", "database-prepare"]);
      for (const to of closed) {
        for (const from of cluster.pods) {
          for (const port of [80, 443, 8000, 8080])
            expect(reachesPod(cluster, from, to, port), to.name).to.equal(false);
        }
      }
    });

    it("let the internet in to services that take traffic only, on their port only", () => {
      for (const pod of cluster.pods) {
        expect(enters(cluster, pod, internet, 8080), pod.name).to.equal(entries.includes(pod.name));
        for (const port of [80, 443, 8000]) expect(enters(cluster, pod, internet, port), pod.name).to.equal(false);
      }
    });

    it("let every pod resolve names and reach AWS, and no other address", () => {
      for (const pod of cluster.pods) {
        expect(leaves(cluster, pod, internet, 443), pod.name).to.equal(true);
        for (const protocol of ["TCP", "UDP"]) expect(leaves(cluster, pod, internet, 53, protocol)).to.equal(true);
        for (const port of [80, 8000, 8080]) expect(leaves(cluster, pod, internet, port), pod.name).to.equal(false);
        expect(leaves(cluster, pod, internet, 443, "UDP")).to.equal(false);
      }
    });

    it("let every pod fetch its AWS credentials from the agent on its node", () => {
      const agent = family === "IPv4" ? "169.254.170.23" : "fd00:ec2::23";
      for (const pod of cluster.pods) {
        expect(leaves(cluster, pod, agent, 80), pod.name).to.equal(true);
        expect(leaves(cluster, pod, agent.replace("23", "24"), 80), pod.name).to.equal(false);
      }
    });
  });
}

describe("network policies", () => {
  before(async () => {
    await startMocks();
    build();
    await settled();
  });

  it("have a rule of their own for each edge, on either side", () => {
    const rules = (list: "ingress" | "egress") =>
      policies().flatMap((found) => (at(found, `spec.${list}`) as { from?: unknown[]; to?: unknown[] }[]) ?? []);
    const selected = rules("egress").filter(({ to }) => JSON.stringify(to ?? []).includes("podSelector"));
    // One more: from the jobs to the database.
    expect(selected).to.have.length(edges.size + 1);
    for (const { to } of selected) expect(to).to.have.length(1);
    for (const { from } of rules("ingress")) expect(from ?? [0]).to.have.length(1);
  });

  it("are all in the site's namespace, under their own names", () => {
    for (const found of policies()) {
      expect(found.inputs["metadata"], found.name).to.deep.equal({ name: found.name, namespace: "shop" });
    }
    expect(made).to.include.members(policies());
  });
});
