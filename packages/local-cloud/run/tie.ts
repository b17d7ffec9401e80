/**
 * Runs a command in the background until the input of the shell around it ends, and passes SIGTERM on. `cat` gets the
 * input by a copied descriptor, since a shell gives its background jobs an empty one. A shell that leads its process
 * group takes the whole group along: the command may have started others, as `go build` does.
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
 * A command line that does the same as the given one, but ends when its standard input does. Start it with a pipe there
 * and the kernel ends it with us, whatever becomes of us.
 */
export const tiedCommand = (label: string, command: string, args: string[]): [file: string, args: string[]] => [
  "/bin/sh",
  ["-c", watcher, label, command, ...args],
];
