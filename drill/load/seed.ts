/** Fills a ledger in bulk and reads it back. */
import { Agent } from "node:http";
import type { Acknowledged, LedgerEntry } from "./ledger.ts";
import { openSession, send, unexpected } from "./request.ts";

const rowsPerRequest = 1000;
const atOnce = 2;
const timeoutSeconds = 30;

/** About the size of a small record in a real system. */
const payload = (n: number): string => `entry ${n} ${"of a ledger that must not lose a line ".repeat(3)}`;

/**
 * Writes entries 0 to rows - 1 through the API, in large requests of one transaction each. Throws if the service
 * rejects one.
 */
export async function seed(url: string, host: string, rows: number): Promise<Acknowledged[]> {
  const target = { url, host };
  const agent = new Agent({ keepAlive: true });
  const acknowledged: Acknowledged[] = [];
  const path = "/v1/entries";
  let next = 0;
  try {
    if (rows <= 0) return acknowledged;
    const token = await openSession(target, agent, timeoutSeconds);
    const write = async (): Promise<void> => {
      for (let from = next; from < rows; from = next) {
        next = Math.min(from + rowsPerRequest, rows);
        const body = Array.from({ length: next - from }, (_, index) => ({
          n: from + index,
          payload: payload(from + index),
        }));
        const sentAt = Date.now();
        const reply = await send(target, agent, { method: "POST", path, token, body, timeoutSeconds });
        if (reply.status !== 201) throw unexpected(path, reply);
        const ackedAt = Date.now();
        const { entries } = reply.body as { entries: { n: number; at: string }[] };
        acknowledged.push(...entries.map(({ n, at }) => ({ n, at, sentAt, ackedAt })));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, write));
    return acknowledged.sort((a, b) => a.n - b.n);
  } finally {
    agent.destroy();
  }
}

const rowsPerPage = 5000;

/** All entries of the ledger, by number. */
export async function readLedger(url: string, host: string): Promise<LedgerEntry[]> {
  const target = { url, host };
  const agent = new Agent({ keepAlive: true });
  const entries: LedgerEntry[] = [];
  try {
    const token = await openSession(target, agent, timeoutSeconds);
    for (let from = Number.MIN_SAFE_INTEGER; ;) {
      const path = `/v1/entries?from=${from}&limit=${rowsPerPage}`;
      const reply = await send(target, agent, { method: "GET", path, token, timeoutSeconds });
      if (reply.status !== 200) throw unexpected("/v1/entries", reply);
      const page = (reply.body as { entries: LedgerEntry[] }).entries;
      const last = page.at(-1);
      if (page.length < rowsPerPage || !last || last.n === from) return [...entries, ...page];
      // A page may end between two entries with the same number; that number is read again with the next page.
      entries.push(...page.filter(({ n }) => n !== last.n));
      from = last.n;
    }
  } finally {
    agent.destroy();
  }
}
