/** Whether an output gets colour: https://no-color.org and FORCE_COLOR, as commander reads them for help. */

export interface ColourOutput {
  isTTY?: boolean | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** NO_COLOR wins over FORCE_COLOR; without either, terminals that are not dumb get colour. */
export function hasColour({ isTTY }: ColourOutput, env: Environment = process.env): boolean {
  const { NO_COLOR: no = "", FORCE_COLOR: force, TERM: terminal } = env;
  if (no !== "" || force === "0" || force === "false") return false;
  return force !== undefined || (isTTY === true && terminal !== "dumb");
}
