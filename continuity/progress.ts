import { styleText } from "node:util";
import { hasColour } from "./colour.ts";

/** Shows the current phase, what it waits for and its duration; plain lines without a terminal. */
export interface Progress {
  /** Starts a phase; the returned function ends it and prints its duration. */
  phase(title: string): PhaseProgress;
  note(text: string): void;
  warn(text: string): void;
  /** Removes the live line, so that a report can follow. */
  stop(): void;
}

export interface PhaseProgress {
  /** Sets what the phase is currently waiting for. */
  awaiting(what: string, quietSeconds?: number): void;
  done(summary?: string): void;
  failed(reason: string): void;
}

export interface ProgressOutput {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  write(text: string): unknown;
}

/** Minimum interval in seconds between such lines of a phase in a log. */
const usualQuietSeconds = 5;

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

type Style = "green" | "red" | "yellow" | "dim" | "cyan";

function painter(output: ProgressOutput): (style: Style, text: string) => string {
  const coloured = hasColour(output);
  return (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text);
}

export function createProgress(output: ProgressOutput = process.stderr): Progress {
  const start = performance.now();
  const live = output.isTTY === true;
  const running = new Map<string, { since: number; awaited: string }>();
  const paint = painter(output);

  const clock = (): string => paint("dim", `[${seconds(start).padStart(7)}]`);
  const clear = (): void => {
    if (live) output.write("\r\u001b[2K");
  };
  const draw = (): void => {
    if (!live || running.size === 0) return;
    const parts = [...running].map(
      ([title, { since, awaited }]) => `${title} ${seconds(since)}${awaited && `: ${awaited}`}`,
    );
    output.write(
      `\r\u001b[2K${`${seconds(start).padStart(8)}  ${parts.join(" | ")}`.slice(0, (output.columns || 80) - 1)}`,
    );
  };
  const line = (text: string): void => {
    clear();
    output.write(`${clock()} ${text}\n`);
    draw();
  };
  const timer = live ? setInterval(draw, 200) : undefined;
  timer?.unref();

  return {
    phase(title) {
      const state = { since: performance.now(), awaited: "", reportedAt: Number.NEGATIVE_INFINITY };
      running.set(title, state);
      if (!live) line(`${title} ...`);
      const end = (text: string): void => {
        running.delete(title);
        line(text);
      };
      return {
        awaiting(what, quietSeconds = usualQuietSeconds) {
          const due = performance.now() - state.reportedAt >= quietSeconds * 1000;
          if (!live && due && what !== state.awaited) {
            line(`${title}: ${what}`);
            state.reportedAt = performance.now();
          }
          state.awaited = what;
          draw();
        },
        done: (summary) =>
          end(
            `${paint("green", "✓")} ${title} (${seconds(state.since)})${summary === undefined ? "" : `: ${summary}`}`,
          ),
        failed: (reason) => end(`${paint("red", "✗")} ${title} (${seconds(state.since)}): ${reason}`),
      };
    },
    note: (text) => line(text),
    warn: (text) => line(`${paint("yellow", "!")} ${text}`),
    stop() {
      clearInterval(timer);
      clear();
    },
  };
}

/** Runs a step as a phase, whatever its outcome. */
export async function inPhase<T>(
  progress: Progress,
  title: string,
  work: (phase: PhaseProgress) => Promise<T>,
  summary?: (result: T) => string,
): Promise<T> {
  const phase = progress.phase(title);
  try {
    const result = await work(phase);
    phase.done(summary?.(result));
    return result;
  } catch (error) {
    phase.failed(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
    throw error;
  }
}
