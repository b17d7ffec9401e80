import { KubernetesError, type KubernetesApi } from "../../continuity/kubernetes.ts";

/** What a test puts into the API, or reads of what was sent there. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type KubeObject = any;

/** Responses by path; a function is called for each request. All requests are recorded. */
export class FakeCluster implements KubernetesApi {
  readonly namespace = "vapora";
  readonly sent: { method: string; path: string; body: KubeObject }[] = [];
  readonly answers = new Map<string, KubeObject | (() => KubeObject)>();

  async get(path: string): Promise<KubeObject> {
    const key = path.split("?")[0] ?? path;
    const answer = this.answers.get(key);
    if (answer === undefined) throw new KubernetesError(404, `GET ${key}: 404 not found`);
    return typeof answer === "function" ? answer() : answer;
  }

  async find(path: string): Promise<KubeObject | undefined> {
    return this.answers.has(path) ? this.get(path) : undefined;
  }

  async post(path: string, body: KubeObject): Promise<KubeObject> {
    this.sent.push({ method: "POST", path, body });
    return body;
  }

  async text(path: string): Promise<string> {
    return this.get(path);
  }
}
