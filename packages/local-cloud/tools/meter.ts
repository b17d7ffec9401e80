/** Shows how far all that one person waits for is: one percentage, and the time left. */
import type { Progress } from "./types.ts";

const refreshMilliseconds = 1_000;
/** Where lines cannot be replaced, there is one no more often than this. */
const plainMilliseconds = 60_000;
/** Before that much has been done, what is left is a guess. */
const least = { share: 0.03, milliseconds: 5_000 };

/** Part of what a person waits for. */
export interface Task {
  /** How much of it is done, from 0 to 1. */
  reach(share: number): void;
  end(): void;
}

interface State {
  title: string;
  weight: number;
  share: number;
  over: boolean;
}

/** What begins while something else goes on is shown as one with it. */
export class Meter {
  readonly #progress: Progress;
  readonly #now: () => number;
  readonly #tasks = new Set<State>();
  #shown = 0;
  #began = 0;
  #toldAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(progress: Progress, now = Date.now) {
    this.#progress = progress;
    this.#now = now;
  }

  /** The weight says how long a task takes in comparison with the others. */
  begin(title: string, weight: number): Task {
    if (this.#timer === undefined) {
      this.#began = this.#toldAt = this.#now();
      this.#timer = setInterval(() => this.show(), refreshMilliseconds);
      this.#timer.unref();
    }
    const task = { title, weight, share: 0, over: false };
    this.#tasks.add(task);
    return {
      reach: (share) => {
        task.share = Math.min(share, 1);
      },
      end: () => {
        task.share = 1;
        task.over = true;
        if ([...this.#tasks].every(({ over }) => over)) this.#reset();
      },
    };
  }

  #reset(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#tasks.clear();
    this.#shown = 0;
  }

  show(): void {
    const now = this.#now();
    if (this.#progress.moving) this.#progress.moving(this.line());
    else if (now - this.#toldAt >= plainMilliseconds) {
      this.#toldAt = now;
      this.#progress(this.line());
    }
  }

  /** Never less than before, and below 100 % as long as anything goes on. */
  line(): string {
    const tasks = [...this.#tasks];
    const sum = (of: (task: State) => number): number => tasks.reduce((total, task) => total + of(task), 0);
    const share = sum(({ weight, share }) => weight * share) / sum(({ weight }) => weight);
    this.#shown = Math.max(this.#shown, Math.min(share, 0.99));
    const open = tasks.filter(({ over }) => !over).map(({ title }) => title);
    return `${Math.floor(this.#shown * 100)} %${this.#left()}: ${open.join(", ")}`;
  }

  #left(): string {
    const elapsed = this.#now() - this.#began;
    if (this.#shown < least.share || elapsed < least.milliseconds) return "";
    const seconds = ((elapsed / 1000) * (1 - this.#shown)) / this.#shown;
    if (seconds > 90) return `, about ${Math.round(seconds / 60)} min left`;
    return `, about ${Math.max(10, Math.ceil(seconds / 10) * 10)} s left`;
  }
}

const meters = new WeakMap<Progress, Meter>();

function meterOf(progress: Progress): Meter {
  const meter = meters.get(progress) ?? new Meter(progress);
  meters.set(progress, meter);
  return meter;
}

export interface Reported {
  /** What is being done, e.g. "building the Kubernetes control plane". */
  task: string;
  /** How long it takes the first time, e.g. "about 5 min". */
  estimate: string;
  weight: number;
}

/** Says what begins and when it is done, and shows how far it is in between. */
export async function reporting<T>(
  { task, estimate, weight }: Reported,
  progress: Progress,
  work: (reach: Task["reach"]) => Promise<T>,
): Promise<T> {
  const began = Date.now();
  progress(`${task} (first time only, ${estimate})`);
  const { reach, end } = meterOf(progress).begin(task, weight);
  try {
    const result = await work(reach);
    progress(`${task}: done in ${Math.round((Date.now() - began) / 1000)} s`);
    return result;
  } finally {
    end();
  }
}
