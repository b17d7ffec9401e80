/** A decision that a person has to type, so that no habit of pressing a key makes it. */
import { createInterface } from "node:readline/promises";
import { CannotRun } from "./cannot-run.ts";

/** @throws CannotRun where nobody is there to answer */
export async function confirmByTyping(question: string, answer: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CannotRun("nobody is there to confirm", ["add --yes to decide it here"]);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question)).trim() === answer;
  } finally {
    terminal.close();
  }
}
