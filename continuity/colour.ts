/** Whether output is coloured, by NO_COLOR (https://no-color.org) and FORCE_COLOR, as in commander's help. */

export interface ColourOutput {
  isTTY?: boolean | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** NO_COLOR takes precedence over FORCE_COLOR; by default, terminals that are not dumb are coloured. */
export function hasColour({ isTTY }: ColourOutput, env: Environment = process.env): boolean {
  const { NO_COLOR: no = "", FORCE_COLOR: force, TERM: terminal } = env;
  if (no !== "" || force === "0" || force === "false") return false;
  return force !== undefined || (isTTY === true && terminal !== "dumb");
}
