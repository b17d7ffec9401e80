/** Runs: a temporary directory and child processes that are removed when their run ends. Linux only. */
export { closeOnExit } from "./close-on-exit.ts";
export { guardDeadPort, type DeadPort } from "./dead-port.ts";
export { explainDiskFull, isDiskFull, requireRoom, watchDisk } from "./disk.ts";
export { identify, isRunning, killTree } from "./processes.ts";
export type { ProcessIdentity } from "./processes.ts";
export { openRun } from "./run.ts";
export type { Run } from "./run.ts";
export { spawnTied } from "./spawn-tied.ts";
export type { Tied, TiedOptions } from "./spawn-tied.ts";
export { tiedCommand } from "./tie.ts";
