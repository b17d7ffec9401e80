/** Verifies a restored database against its recovery point, by exporting it again. */
import type { Database } from "../database/client.ts";
import { readDefinitions } from "../database/definitions.ts";
import type { FullManifest } from "../points/manifest.ts";
import { summarize, type ExportSummary } from "../points/summary.ts";

/** Differences between the imported database and the manifest; empty: identical. */
export async function findDifferences(database: Database, manifest: FullManifest): Promise<string[]> {
  const [summary, definitions] = [await summarize(await database.export()), await readDefinitions(database)];
  const differences = [
    ...compareTables(manifest.tables, summary.tables),
    ...compareSections(manifest.definitions.sections, summary.sections),
  ];
  // This digest also covers what an export omits.
  if (definitions.digest !== manifest.definitions.digest && differences.length === 0) {
    differences.push("definitions that an export omits differ");
  }
  const accesses = Object.keys(definitions.accesses).sort().join(", ");
  const expected = manifest.accesses.toSorted().join(", ");
  if (accesses !== expected) differences.push(`accesses are ${accesses || "none"}, expected ${expected || "none"}`);
  return differences;
}

export function compareTables(expected: FullManifest["tables"], found: ExportSummary["tables"]): string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort();
  return names.flatMap((name) => {
    const [want, have] = [expected[name], found[name]];
    if (!have) return [`table ${name} is missing`];
    if (!want) return [`table ${name} is not in the recovery point`];
    if (want.rows !== have.rows) return [`table ${name} has ${have.rows} rows, expected ${want.rows}`];
    // The engine recomputed the view; the last digits of a mean may differ from an incrementally updated one.
    return want.view || want.digest === have.digest
      ? []
      : [`table ${name} has ${have.rows} rows with different content`];
  });
}

function compareSections(expected: Record<string, string>, found: Record<string, string>): string[] {
  const titles = [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort();
  return titles.flatMap((title) => {
    if (!(title in found)) return [`definitions of ${title} are missing`];
    if (!(title in expected)) return [`definitions of ${title} are not in the recovery point`];
    return expected[title] === found[title] ? [] : [`definitions of ${title} differ`];
  });
}
