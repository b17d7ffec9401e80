/** Shell completion scripts for `continuity`; each calls `continuity complete -- WORDS` on Tab. */
import { script } from "@bomb.sh/tab";
import { exitStatus } from "../cannot-run.ts";

const program = "continuity";

export async function printCompletionScript(shell: "bash" | "zsh" | "fish"): Promise<number> {
  process.stdout.write(`${definition(shell)}\n`);
  if (shell === "bash") process.stdout.write(bash);
  else script(shell, program, program); // prints
  return exitStatus.met;
}

/** If PATH has no such program, as in a checkout, the script defines it: the command that started this process. */
function definition(shell: "bash" | "zsh" | "fish"): string {
  const [node, main = ""] = process.argv;
  const call = [node ?? process.execPath, main].map(quoted).join(" ");
  return shell === "fish"
    ? `type -q ${program}; or function ${program}; ${call} $argv; end`
    : `command -v ${program} >/dev/null || ${program}() { ${call} "$@"; }`;
}

const quoted = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`;

/**
 * Our own script, because the library's requires bash-completion and evaluates the typed words. Works in bash 3.2 of
 * macOS, which lacks `mapfile` and `compopt`.
 */
const bash = `\
_${program}() {
  local line adds=4 current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      :*) adds="\${line#:}" ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(${program} complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  [ "$current" = "=" ] && current=
  [ "$adds" = 0 ] && _${program}_paths -f "$current"
  [ "$adds" = 16 ] && _${program}_paths -d "$current"
  return 0
}
_${program}_paths() {
  local line
  compopt -o filenames 2>/dev/null
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$1" -- "$2")
}
complete -F _${program} ${program}
`;
