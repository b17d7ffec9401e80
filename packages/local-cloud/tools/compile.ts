/** Compiles Go programs in a fraction of the usual time, and says how much is compiled. */
import { statSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";

const gibibyte = 1024 ** 3;

/** What the linker takes of the whole, which it does alone and without saying how far it is. */
const linkShare = 0.03;

/** Debug information would only be thrown away by the linker; making it is a tenth of the work. */
const withoutDebugInformation = "-dwarf=false";

/** Flags of every build: what is compiled with the same flags is compiled once for all programs. */
export const compilerFlags = ["-trimpath", `-gcflags=all=${withoutDebugInformation}`];

/**
 * A compiler runs for about a second, a quarter of it to collect garbage that goes away with it anyway. Two of them at
 * once stay below the limit each, which few packages reach.
 */
export function compilerEnvironment(memory = machineMemory()): Record<string, string> {
  return memory < 6 * gibibyte ? {} : { GOGC: "off", GOMEMLIMIT: "1GiB" };
}

function machineMemory(): number {
  const constrained = process.constrainedMemory(); // by the control group; 0 or absurdly large where there is none
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/**
 * A compiler reads what a package depends on besides its source. One dependency costs about as much as this many bytes of
 * source: with that, the share of a whole build was within 7 % of its share of the time, without it within 36 %.
 */
const dependencyBytes = 300;

/** Template of `go list -deps` for `CompileCount`: one line for each package that must be compiled. */
export const staleTemplate =
  '{{if .Stale}}{{.ImportPath}}{{"\\t"}}{{len .Deps}}{{"\\t"}}{{.Dir}}{{range .GoFiles}}{{"\\t"}}{{.}}{{end}}{{end}}';

/** Counts what has been compiled of what must be. */
export class CompileCount {
  readonly #work = new Map<string, number>();
  readonly #total: number;
  readonly #reach: (share: number) => void;
  #begun = 0;

  /** Takes the output of `go list` with the template. */
  constructor(listing: string, reach: (share: number) => void) {
    for (const line of listing.split("\n").filter(Boolean)) {
      const [name = "", dependencies, folder = "", ...files] = line.split("\t");
      const bytes = files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
      this.#work.set(name, bytes + dependencyBytes * Number(dependencies));
    }
    this.#total = [...this.#work.values()].reduce((sum, work) => sum + work, 0);
    this.#reach = reach;
  }

  /** A line of `go build -v`: the package that a compiler now begins with. */
  begins(name: string): void {
    const work = this.#work.get(name);
    if (work === undefined) return; // something else that the command says
    this.#work.delete(name);
    this.#reach((this.#begun / this.#total) * (1 - linkShare));
    this.#begun += work;
  }

  /** Whether nothing but the last packages and the linker are left, which use one core. */
  get ending(): boolean {
    return this.#work.size === 0;
  }
}
