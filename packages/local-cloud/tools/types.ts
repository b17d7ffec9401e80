/** What the local stack needs on a machine beyond Node and Python. */

/** Where a person reads what goes on while tools are got. */
export interface Progress {
  /** A line that stays. */
  (line: string): void;
  /**
   * A line in place of the one before it: the percentage and the time left, about once a second.
   * @default none: such a line stays, and there is one a minute
   */
  moving?: (line: string) => void;
}

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
