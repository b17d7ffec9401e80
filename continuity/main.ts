#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { CannotRun, exitStatus, messageOf } from "./cannot-run.ts";
import { allSections } from "./commands/index.ts";
import { checkNode } from "./node-version.ts";
import { onInterrupt, wasInterrupted } from "./interrupt.ts";

async function main([first, ...words]: readonly string[]): Promise<number> {
  const sections = await allSections();
  if (first === "complete" && words[0] === "--") {
    const { answerCompletion } = await import("./command-line/completion.ts");
    process.stdout.write(answerCompletion(sections, words.slice(1)));
    return exitStatus.met;
  }
  if (first !== undefined && !first.startsWith("-")) checkNode(process.versions.node);
  const { runCommandLine } = await import("./command-line/run.ts");
  const program = {
    name: "continuity",
    description: "Tests, executes and monitors the recovery defined by the continuity plan.",
    version: versionOf(new URL(import.meta.resolve("vapora-continuity/package.json"))),
    sections,
  };
  return runCommandLine(program, first === undefined ? [] : [first, ...words]);
}

const versionOf = (file: URL): string => (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;

function describe(error: unknown): string {
  const named = error instanceof Error && (error.name === "PlanError" || error.name === "DiskFull");
  if (error instanceof CannotRun || named) return error.message;
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOSPC") {
    return `disk full: ${messageOf(error)}; free some space and run the command again`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
}

onInterrupt(() => undefined); // a signal is lost that arrives when the engine ends and its library stops listening
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  await delay(50); // a terminal's signal may reach the engine, whose end is then the failure, before this process
  if (wasInterrupted()) await delay(5000); // it is about to end the process
  process.stderr.write(`continuity: ${describe(error)}\n`);
  process.exit(exitStatus.couldNotRun); // abandoned calls may still be pending
}
