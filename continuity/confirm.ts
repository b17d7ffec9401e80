/** Confirmation by typing a word, so that it cannot be given by habit. */
import { createInterface } from "node:readline/promises";
import { CannotRun } from "./cannot-run.ts";

/** @throws CannotRun without a terminal */
export async function confirmByTyping(question: string, answer: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new CannotRun("cannot ask for confirmation without a terminal", ["add --yes to confirm"]);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question)).trim() === answer;
  } finally {
    terminal.close();
  }
}
