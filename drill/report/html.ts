import { markup, type Markup } from "./markup.ts";
import { style } from "./style.ts";
import { duration } from "../../continuity/duration.ts";
import { beforeAndDuring } from "./text.ts";
import { timelinePicture } from "./timeline.ts";
import type { DrillReport, TierReport } from "./types.ts";

/** The drill's report as one self-contained page without scripts or network access. */
export function reportHtml(report: DrillReport): string {
  const met = report.verdict === "met";
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Recovery drill: ${met ? "met" : "missed"}</title><style>${style}</style></head>
<body><main>
<header class="${report.verdict}"><p class="verdict">${met ? "Targets met" : "Targets missed"}</p>
<h1>Recovery drill: ${report.scenario.replaceAll("-", " ")}</h1>
<p>${report.startedAt.replace("T", " ").replace(/\.\d+Z$/, "")} UTC, ${report.conditions.rows.toLocaleString("en")} entries, ${report.conditions.cpus} processor cores, two regions on one machine</p></header>
${!met && markup`<section class="reasons"><h2>Why it was missed</h2><ul>${report.reasons.map((reason) => markup`<li>${reason}</li>`)}</ul></section>`}
<section class="cards">${cards(report)}</section>
<section><h2>Timeline</h2>${timelinePicture(report)}
<p class="hint">The red line marks the loss of the primary region. ${beforeAndDuring(report)}</p></section>
<section><h2>Recovery time by tier</h2>${tierTable(report.tiers)}</section>
<section><h2>Data</h2>${dataTable(report)}</section>
<section><h2>Dependencies of the recovery</h2>${dependencies(report)}</section>
<section><h2>Limits of this drill</h2><ul>${report.conditions.notes.map((note) => markup`<li>${note}</li>`)}</ul>${types(report)}</section>
</main></body></html>
`.text;
}

function cards({ tiers, rpo, load }: DrillReport): Markup {
  const first = tiers[0];
  return markup`${first && card("Critical services recovered", duration(first.rtoActualSeconds), `target ${duration(first.rtoTargetSeconds)}`, first.met)}
${card("Age of the recovered data", duration(rpo.actualSeconds), `target ${duration(rpo.targetSeconds)}`, rpo.met)}
${card("Worst case in production", duration(rpo.projectedWorstCaseSeconds), "loss, with the plan's schedules", rpo.met)}
${card("Acknowledged writes lost", String(rpo.lostAcknowledgedWrites), `of ${load.acknowledged + load.seededRows}, the oldest ${duration(rpo.oldestLostSeconds)} before the loss`, rpo.met)}`;
}

const card = (title: string, value: string, note: string, good: boolean): Markup =>
  markup`<div class="card ${good ? "met" : "missed"}"><p>${title}</p><strong>${value}</strong><p>${note}</p></div>`;

const tierTable = (
  tiers: readonly TierReport[],
): Markup => markup`<table><thead><tr><th>Tier</th><th>Services</th><th>Target</th><th>Actual</th><th>Projected</th><th></th></tr></thead>
<tbody>${tiers.map((tier) => markup`<tr><td>${tier.tier} ${tier.name}</td><td>${tier.services.join(", ")}</td><td>${duration(tier.rtoTargetSeconds)}</td><td>${duration(tier.rtoActualSeconds)}</td><td>${duration(tier.rtoProjectedSeconds)}</td><td class="${tier.met ? "met" : "missed"}">${tier.met ? "met" : "missed"}</td></tr>`)}</tbody></table>`;

function dataTable({ rpo, load }: DrillReport): Markup {
  const rows: [string, string | number][] = [
    ["Recovery point restored", rpo.recoveryPoint ?? "none"],
    ["Recovery point actual", duration(rpo.actualSeconds)],
    ["Projected worst-case loss", duration(rpo.projectedWorstCaseSeconds)],
    ["Writes acknowledged during the drill", load.acknowledged],
    ["Acknowledged writes lost", rpo.lostAcknowledgedWrites],
    ["Duplicate entries", rpo.duplicates],
    ["Entries out of order", rpo.outOfOrder],
    ["Write outage", duration(load.outageSeconds)],
  ];
  return markup`<table><tbody>${rows.map(([name, value]) => markup`<tr><th>${name}</th><td>${value}</td></tr>`)}</tbody></table>`;
}

function dependencies(report: DrillReport): Markup {
  const calls = report.callsAfterCut;
  if (report.lossAtSeconds === null)
    return markup`<p>Nothing was measured: the drill ended before the region was lost.</p>`;
  const none = calls.primaryRegion + calls.globalControlPlanes + calls.primaryCluster === 0;
  return none
    ? markup`<p class="met">After the loss, the recovery made no calls to the lost region or to a global control plane.</p>`
    : markup`<p class="missed">The recovery made calls that it must not depend on:</p><ul>${calls.details.map((call) => markup`<li>${call}</li>`)}</ul>`;
}

const types = ({
  realTypes,
  recordedTypes,
}: DrillReport): Markup => markup`<details><summary>${realTypes.length} resource types were created for real, ${recordedTypes.length} only recorded</summary>
<div class="columns"><div><h3>Created for real</h3><ul>${realTypes.map((type) => markup`<li><code>${type}</code></li>`)}</ul></div><div><h3>Only recorded</h3><ul>${recordedTypes.map((type) => markup`<li><code>${type}</code></li>`)}</ul></div></div></details>`;
