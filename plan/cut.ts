/** Shortens a text to one line without control characters, so that a damaged file does not flood an error message. */
export function cut(text: string, most = 160): string {
  const line = (text.split("\n")[0] ?? "").replace(/\p{Cc}/gu, "?");
  return line.length > most ? `${line.slice(0, most - 3)}...` : line;
}
