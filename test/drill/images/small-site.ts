/** A site in one process: the database, a fake Secrets Manager, and any of the services. */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Role } from "../../../contract/index.ts";
import { startFront } from "../../../drill/images/index.ts";
import type { Front } from "../../../drill/images/index.ts";
import { serve } from "../../../drill/images/services/http-service.ts";
import type { Service } from "../../../drill/images/services/http-service.ts";
import { readSettings } from "../../../drill/images/services/settings.ts";
import type { Settings } from "../../../drill/images/services/settings.ts";

export interface SmallSite {
  readonly front: Front;
  /** Response of the fake Secrets Manager; undefined makes it fail. */
  secret: string | undefined;
  /** Runs statements as root. */
  sql(database: string, statements: string): Promise<{ status: string; result: unknown }[]>;
  /** Starts a service; the others find it by name. */
  start(name: string, make: (settings: Settings) => Service, role?: Role): Promise<string>;
  stop(): Promise<void>;
}

export const accountKey = "the-real-key-of-the-account-access";

const listen = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });

export async function openSmallSite(): Promise<SmallSite> {
  const folder = await mkdtemp(join(tmpdir(), "small-site-"));
  const front = await startFront({ url: `rocksdb:${folder}/data`, user: "root", pass: "secret" });
  const urls: Record<string, string> = {};
  const ends: (() => void)[] = [];
  const site: SmallSite = {
    front,
    secret: JSON.stringify({ account: accountKey }),
    sql: async (database, statements) => {
      const headers = { authorization: `Basic ${btoa("root:secret")}`, "surreal-ns": "vapora", "surreal-db": database };
      const response = await fetch(`${front.url}/sql`, { method: "POST", headers, body: statements });
      if (!response.ok) throw new Error(await response.text());
      return (await response.json()) as { status: string; result: unknown }[];
    },
    start: async (name, make, role = "active") => {
      const service = make(settingsOf(front, awsUrl, urls, name, role));
      const server = await serve(service, 0, "127.0.0.1");
      ends.push(() => {
        service.stop?.();
        server.closeAllConnections();
        server.close();
      });
      return (urls[name] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    },
    stop: async () => {
      for (const end of ends) end();
      aws.closeAllConnections();
      aws.close();
      await front.stop();
      await rm(folder, { recursive: true });
    },
  };
  const aws = createServer((request, response) => {
    const known = request.headers["x-amz-target"] === "secretsmanager.GetSecretValue" && site.secret !== undefined;
    response.writeHead(known ? 200 : 500).end(JSON.stringify({ SecretString: site.secret }));
  });
  const awsUrl = await listen(aws);
  return site;
}

const settingsOf = (front: Front, aws: string, urls: Record<string, string>, name: string, role: Role): Settings => ({
  ...readSettings({
    SERVICE: name,
    SERVICE_TIER: "1",
    SITE: "primary",
    SITE_ROLE: role,
    PORT: "8080",
    AWS_REGION: "eu-west-1",
    AWS_ENDPOINT_URL: aws,
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
    ACCESS_KEYS_SECRET_ID: "vapora/database-access-keys",
    DATABASE_URL: front.url,
    DATABASE_NAMESPACE: "vapora",
    DATABASE_USERNAME: "services",
    DATABASE_PASSWORD: "services-password",
  }),
  serviceUrl: (service) => urls[service] ?? `http://127.0.0.1:1/${service}`,
});

/** The result of the prepare-database job. */
export async function prepareDatabase(site: SmallSite, state: { database: string; ready: boolean }): Promise<void> {
  await site.sql("continuity", "DEFINE USER OVERWRITE services ON NAMESPACE PASSWORD 'services-password' ROLES OWNER");
  await setState(site, state);
}

export async function setState(site: SmallSite, state: { database: string; ready: boolean }): Promise<void> {
  await site.sql("continuity", `UPSERT site:state CONTENT ${JSON.stringify({ reason: "test", epoch: 1, ...state })}`);
}

/** Waits until a condition holds. */
export async function eventually(condition: () => boolean | Promise<boolean>, seconds = 5): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not so within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A proxy of the database that holds responses to requests with the given text until released. */
export async function holdAnswers(database: string, text: string) {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let reach = (): void => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => void pass(request, Buffer.concat(chunks), response));
  });
  const pass = async (request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> => {
    const { method = "GET", url = "/", headers } = request;
    const given = Object.entries(headers).filter(([name]) => !["host", "connection", "content-length"].includes(name));
    const answer = await fetch(new URL(url, database), {
      method,
      headers: Object.fromEntries(given) as Record<string, string>,
      ...(body.length > 0 && { body }),
    });
    const content = Buffer.from(await answer.arrayBuffer());
    if (body.includes(text)) {
      reach();
      await released;
    }
    response.writeHead(answer.status).end(content);
  };
  const url = await listen(server);
  const stop = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { url, reached, release, stop };
}
