/** Sizes as Kubernetes writes them. */

const units: Readonly<Record<string, number>> = { Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** A size such as `50Gi`, in bytes; NaN if it is not one, so that every comparison fails. */
export function bytesOf(size: string): number {
  const [, number = "", unit = ""] = /^([1-9]\d*)(Mi|Gi|Ti)$/.exec(size) ?? [];
  return number === "" ? Number.NaN : Number(number) * (units[unit] ?? Number.NaN);
}
