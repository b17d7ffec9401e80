/** Formats seconds in readable units: "42.3 s", "12 min 5 s", "4 h". */
export function duration(seconds: number | null): string {
  if (seconds === null) return "never";
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`;
  const parts: [number, string][] = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "min"],
    [Math.round(seconds % 60), "s"],
  ];
  return parts.flatMap(([n, unit]) => (n > 0 ? [`${n} ${unit}`] : [])).join(" ");
}
