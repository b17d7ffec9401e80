/** Lists the addresses on which a process listens, so that nothing is exposed to the network by accident. Linux only. */
import { readFileSync, readdirSync, readlinkSync } from "node:fs";

export interface Listener {
  /** Dotted decimal; for IPv6, hexadecimal as in /proc. */
  address: string;
  port: number;
}

const listening = "0A";

/** Listening sockets in the format of /proc/net/tcp, by inode. */
export function parseListeners(table: string): Map<string, Listener> {
  const found = new Map<string, Listener>();
  for (const line of table.split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    const [address, port] = (fields[1] ?? "").split(":");
    const inode = fields[9];
    if (fields[3] !== listening || !address || !port || !inode) continue;
    found.set(inode, { address: readable(address), port: parseInt(port, 16) });
  }
  return found;
}

/** /proc shows an IPv4 address as one little-endian number. */
function readable(hex: string): string {
  if (hex.length !== 8) return hex;
  return [6, 4, 2, 0].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(".");
}

export const isLoopback = (address: string): boolean =>
  address.startsWith("127.") || address === "00000000000000000000000001000000";

/** Listening sockets of a process. */
export function listenersOf(pid: number): Listener[] {
  const inodes = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return []; // closed meanwhile
    }
  });
  const tables = ["tcp", "tcp6"].map((name) => parseListeners(readFileSync(`/proc/${pid}/net/${name}`, "utf8")));
  return inodes.flatMap((inode) => tables.flatMap((table) => table.get(inode) ?? []));
}
