/** Command line of the official image as far as deployments use it: same arguments, same environment variables. */
import { isExportFault } from "./export-faults.ts";
import type { FrontOptions } from "./front.ts";

export type ServerOptions = Required<Omit<FrontOptions, "openTimeoutSeconds">>;

/** Flags with a value, ignored here. */
const ignoredWithValue = new Set(["--log", "-l", "--log-format", "--query-timeout", "--transaction-timeout"]);
/** Flags without a value, ignored here. */
const ignored = new Set(["--no-banner", "--no-identification-headers", "--allow-funcs", "--deny-all", "--deny-guests"]);
const flags: Record<string, "bind" | "user" | "pass"> = {
  "--bind": "bind",
  "-b": "bind",
  "--user": "user",
  "-u": "user",
  "--username": "user",
  "--pass": "pass",
  "-p": "pass",
  "--password": "pass",
};

interface Words {
  bind?: string;
  user?: string;
  pass?: string;
  path?: string;
  problems: string[];
}

function readWords(words: readonly string[]): Words {
  const found: Words = { problems: [] };
  const rest = words.flatMap((word) => (/^--[a-z-]+=/.test(word) ? split(word) : [word]));
  while (rest.length > 0) {
    const word = rest.shift() ?? "";
    const name = flags[word];
    if (name !== undefined) {
      const value = rest.shift();
      if (value === undefined) found.problems.push(`${word} needs a value`);
      else found[name] = value;
    } else if (ignoredWithValue.has(word)) rest.shift();
    else if (ignored.has(word)) continue;
    else if (word.startsWith("-")) found.problems.push(`${word} is not supported by the local image; remove it`);
    else if (found.path === undefined) found.path = word;
    else found.problems.push(`${word} is an unexpected argument`);
  }
  return found;
}

const split = (word: string): string[] => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)];

function storageUrl(path: string): string | undefined {
  if (path === "memory" || path === "mem://") return "mem://";
  const match = /^rocksdb:(?:\/\/(?=\/))?(.+)$/.exec(path);
  return match ? `rocksdb:${match[1]}` : undefined;
}

/** All problems of a command line. */
export class CommandError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** Parses `start --bind HOST:PORT rocksdb:PATH` and the environment. Throws a CommandError with all problems. */
export function readCommand(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ServerOptions {
  const [command, ...rest] = words;
  const given = readWords(rest);
  const { problems } = given;
  if (command !== "start")
    problems.unshift(`the command is ${command ?? "absent"}; the local image supports only start`);
  const bind = given.bind ?? env["SURREAL_BIND"] ?? "127.0.0.1:8000";
  const address = /^\[?([^\]]+)\]?:(\d+)$/.exec(bind);
  if (!address || Number(address[2]) > 65535) problems.push(`--bind is ${bind}; it must be HOST:PORT`);
  const path = given.path ?? env["SURREAL_PATH"] ?? "memory";
  const url = storageUrl(path);
  if (url === undefined) problems.push(`the path is ${path}; it must be rocksdb:PATH or memory`);
  const fault = env["FAULT_EXPORT"] || undefined;
  if (fault !== undefined && !isExportFault(fault))
    problems.push(`FAULT_EXPORT is ${fault}, which is not a known fault`);
  const [user, pass] = [given.user ?? env["SURREAL_USER"], given.pass ?? env["SURREAL_PASS"]];
  // The server would start without any user, so that no sign-in would be possible.
  if (!user || !pass) problems.push("SURREAL_USER and SURREAL_PASS (or --user and --pass) must both be given");
  if (problems.length > 0 || url === undefined || !address) throw new CommandError(problems);
  return {
    url,
    host: address[1] ?? "",
    port: Number(address[2]),
    faults: { export: isExportFault(fault) ? fault : undefined, exportOf: env["FAULT_EXPORT_OF"] || undefined },
    user: user ?? "",
    pass: pass ?? "",
  };
}
