/**
 * Runs a command in the background until the shell's standard input ends, and forwards SIGTERM. `cat` reads the input
 * from a duplicated descriptor, since the shell redirects that of background jobs from /dev/null. A shell that leads its
 * process group kills the whole group, as the command may have children of its own (`go build` has).
 */
const watcher = `exec 3<&0
trap 'asked=1; kill -TERM $child 2>/dev/null' TERM
"$@" </dev/null 3<&- & child=$!
\${asked:+kill -TERM $child}
{ cat <&3 && { kill -KILL -$$ || kill -KILL $child; }; } >/dev/null 2>&1 & watch=$!
wait $child; status=$?
while kill -0 $child 2>/dev/null; do wait $child; status=$?; done
kill $watch 2>/dev/null
exit $status`;

/**
 * Wraps a command line so that the process exits at the end of its standard input. Started with a pipe as its input, it
 * exits with the process that holds the other end, even after kill -9. `label` is its `$0`.
 */
export const tiedCommand = (label: string, command: string, args: string[]): [file: string, args: string[]] => [
  "/bin/sh",
  ["-c", watcher, label, command, ...args],
];
