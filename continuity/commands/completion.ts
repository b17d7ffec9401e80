import { defineCommand } from "../command-line/command.ts";
import { oneOf } from "../command-line/value-kinds.ts";

export const completion = defineCommand({
  name: "completion",
  description: "print a shell completion script for commands, options, their values and stack names",
  arguments: {
    shell: { description: "bash, zsh or fish", takes: oneOf("shell", ["bash", "zsh", "fish"]), required: true },
  },
  options: {},
  examples: [
    {
      why: 'for ~/.bashrc: eval "$(npm run -s --prefix CHECKOUT continuity -- completion bash)"',
      line: "completion bash",
    },
    { why: "the same for ~/.zshrc, after compinit", line: "completion zsh" },
    { why: "for fish, as continuity.fish in ~/.config/fish/completions", line: "completion fish" },
  ],
  exitStatus: { 0: "the script was printed" },
  handler: async ({ shell }) => (await import("../command-line/completion-script.ts")).printCompletionScript(shell),
});
