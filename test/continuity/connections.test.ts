import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { Kubernetes } from "../../continuity/kubernetes.ts";

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const failureOf = (promise: Promise<unknown>): Promise<Error | undefined> =>
  promise.then(
    () => undefined,
    (error: Error) => error,
  );

describe("the cluster's API", () => {
  let server: Server;
  let kubernetes: Kubernetes;

  beforeEach(async () => {
    server = createServer((request, response) => {
      response.statusCode = request.url === "/log" ? 200 : 503;
      response.end(request.url === "/log" ? "a line" : JSON.stringify({ message: "not now" }));
    });
    const cluster = {
      name: "c",
      cluster: { server: `http://127.0.0.1:${await listen(server)}`, "insecure-skip-tls-verify": true },
    };
    const contexts = [{ name: "x", context: { cluster: "c", user: "u" } }];
    const config = { clusters: [cluster], contexts, users: [{ name: "u", user: {} }], "current-context": "x" };
    kubernetes = new Kubernetes({ namespace: "vapora", kubeconfig: JSON.stringify(config), timeoutSeconds: 2 });
  });
  afterEach(() => server.close());

  it("returns a log unchanged", async () => expect(await kubernetes.text("/log")).to.equal("a line"));

  it("never returns an error as a log", async () => {
    const error = await failureOf(kubernetes.text("/else"));
    expect(error).to.include({ status: 503, message: "GET /else: 503 not now" });
  });
});

describe("the context of a site's cluster", () => {
  const kubeconfig = JSON.stringify({
    clusters: [{ name: "c", cluster: { server: "http://127.0.0.1:1" } }],
    contexts: [{ name: "theirs", context: { cluster: "c", user: "u" } }],
    users: [{ name: "u", user: {} }],
    "current-context": "theirs",
  });
  const refusal = (context?: string, text = kubeconfig): string => {
    try {
      new Kubernetes({ namespace: "vapora", kubeconfig: text, ...(context !== undefined && { context }) });
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };

  it("must be in the kubeconfig; the current context is never suggested", () => {
    const message = refusal("vapora-alternate");
    expect(message).to.match(/without a context "vapora-alternate" \(it has theirs\)/);
    expect(message).to.match(/aws eks update-kubeconfig --name vapora-alternate --alias vapora-alternate/);
    expect(message).to.match(/pulumi config set kubeContext NAME --stack STACK$/); // not in whichever stack is selected
    expect(message).not.to.match(/current-context|use-context/);
    expect(refusal("theirs")).to.equal("");
  });

  it("requires a valid kubeconfig", () => {
    expect(refusal(undefined, "{")).to.match(/the stack's kubeconfig is not readable \(.+\)/);
    const damaged = `users:\n  - user: {token: sesame${"x".repeat(9000)}\n clusters`;
    expect(refusal(undefined, damaged)).to.have.length.below(500).and.not.to.contain("sesame");
  });
});
