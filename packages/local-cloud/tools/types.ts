/** What the local stack needs on a machine beyond Node and Python. */

/** Called with one line for a person each time there is something to tell. */
export type Progress = (line: string) => void;

/** Absolute paths of programs that are ready to use. */
export interface Tools {
  /** The Pulumi CLI. */
  pulumi: string;
  /** Folder to put first on PATH: the CLI, its Node language host and its policy analyzer. */
  binDir: string;
  /** The Kubernetes cluster in one program. */
  cluster: string;
  /** Python of a virtual environment that holds the AWS emulator. */
  python: string;
}
