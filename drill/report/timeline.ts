import { markup, type Markup } from "./markup.ts";
import { pictureStyle } from "./style.ts";
import { duration } from "../../continuity/duration.ts";
import type { DrillReport, TimelineEvent } from "./types.ts";

const lanes: readonly { id: TimelineEvent["lane"]; title: string }[] = [
  { id: "shared", title: "Shared" },
  { id: "primary", title: "Primary region" },
  { id: "alternate", title: "Alternate region" },
  { id: "recovery", title: "Recovery" },
  { id: "traffic", title: "Traffic" },
];

const width = 1000;
const left = 130;
const right = 26;
const rowHeight = 22;
const laneGap = 14;
const characterWidth = 6.2;
const top = 30;

interface Bar {
  event: TimelineEvent;
  row: number;
}

/** Arranges a lane's events in as few rows as possible without overlapping bars and labels. */
export function stack(events: readonly TimelineEvent[], labelSeconds: (event: TimelineEvent) => number): Bar[] {
  const rowEnds: number[] = [];
  return [...events]
    .sort((a, b) => a.atSeconds - b.atSeconds)
    .map((event) => {
      const free = rowEnds.findIndex((end) => end <= event.atSeconds);
      const row = free === -1 ? rowEnds.length : free;
      rowEnds[row] = event.atSeconds + Math.max(event.durationSeconds ?? 0, labelSeconds(event));
      return { event, row };
    });
}

/** Renders the timeline as a standalone file, e.g. for a ticket or a README. */
export const timelineSvg = (report: DrillReport): string => `${drawTimeline(report, true).text}\n`;

/** Renders the timeline: one lane per region, the recovery and the traffic, on a common time axis. */
export const timelinePicture = (report: DrillReport): Markup => drawTimeline(report, false);

function drawTimeline(report: DrillReport, standalone: boolean): Markup {
  const ends = report.timeline.map((event) => event.atSeconds + (event.durationSeconds ?? 0));
  const total = Math.max(1, ...ends);
  const x = (seconds: number): number => left + (seconds / total) * (width - left - right);
  const labelSeconds = (event: TimelineEvent): number =>
    (event.title.length * characterWidth + 10) * (total / (width - left - right));
  const cut = report.timeline.find((event) => event.title === "Region lost");
  let y = top;
  const laid = lanes.map(({ id, title }) => {
    const bars = stack(
      report.timeline.filter((event) => event.lane === id),
      labelSeconds,
    );
    const place = { title, bars, y, height: Math.max(1, ...bars.map((bar) => bar.row + 1)) * rowHeight };
    y += place.height + laneGap;
    return place;
  });
  const alone = markup` xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}"`;
  return markup`<svg${standalone && alone} viewBox="0 0 ${width} ${y}" role="img" aria-label="Timeline of the drill">${standalone && pictureStyle}
${laid.map(drawLane)}${axis(total, y, x)}${laid.map((lane) => lane.bars.map((bar) => drawBar(bar.event, lane.y + bar.row * rowHeight, x)))}${cut && lossMark(cut, y, x)}</svg>`;
}

function drawLane({ title, y, height }: { title: string; y: number; height: number }): Markup {
  return markup`<rect class="lane" x="0" y="${y - 4}" width="${width}" height="${height + 8}" rx="4"/>
<text class="lane-title" x="8" y="${y + 15}">${title}</text>
`;
}

function drawBar(event: TimelineEvent, y: number, x: (s: number) => number): Markup {
  const start = x(event.atSeconds);
  const length = Math.max(3, x(event.atSeconds + (event.durationSeconds ?? 0)) - start);
  const tip = `${event.title}: at ${duration(event.atSeconds)}${event.durationSeconds === undefined ? "" : `, for ${duration(event.durationSeconds)}`}`;
  return markup`<g><title>${tip}</title><rect class="bar ${event.outcome ?? "moment"} ${event.lane}" x="${start.toFixed(1)}" y="${y}" width="${length.toFixed(1)}" height="17" rx="3"/>
${label(event.title, start + 5, y + 13)}</g>
`;
}

/** At the start of its bar, or right-aligned if it would exceed the picture. */
function label(text: string, x: number, y: number): Markup {
  return x + text.length * characterWidth <= width
    ? markup`<text class="label" x="${x.toFixed(1)}" y="${y}">${text}</text>`
    : markup`<text class="label" text-anchor="end" x="${width - 4}" y="${y}">${text}</text>`;
}

function axis(total: number, bottom: number, x: (s: number) => number): Markup {
  const step = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800].find((s) => total / s <= 10) ?? 3600;
  const ticks = Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => index * step);
  return markup`${ticks.map((tick) => markup`<line class="tick" x1="${x(tick).toFixed(1)}" y1="18" x2="${x(tick).toFixed(1)}" y2="${bottom}"/><text class="tick-label" x="${x(tick).toFixed(1)}" y="12">${tick} s</text>`)}`;
}

const lossMark = (cut: TimelineEvent, bottom: number, x: (s: number) => number): Markup =>
  markup`<rect class="lost" x="${x(cut.atSeconds).toFixed(1)}" y="18" width="2.5" height="${bottom - 18}"/>`;
