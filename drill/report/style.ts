import { Markup } from "./markup.ts";

/** Style sheet of the report: system fonts, light and dark, printable. */
export const style = new Markup(`
:root { color-scheme: light dark; --text: #1c2330; --soft: #5b6676; --line: #d9dfe7; --page: #f6f8fa; --card: #fff;
  --good: #18794e; --bad: #c62a2f; --primary: #7aa7e0; --alternate: #79c7a3; --recovery: #e3b85c; --traffic: #b79be0; }
@media (prefers-color-scheme: dark) { :root { --text: #e6eaf0; --soft: #9aa6b6; --line: #333d4b; --page: #12171e; --card: #1b222c;
  --good: #4cc38a; --bad: #ff7b80; --primary: #33598d; --alternate: #2b6b4e; --recovery: #80601c; --traffic: #5b458a; } }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 24px 20px 60px; }
header { border-left: 8px solid var(--good); padding: 4px 18px; } header.missed { border-color: var(--bad); }
header p { margin: 2px 0; color: var(--soft); } header .verdict { font-weight: 700; font-size: 20px; color: var(--good); }
header.missed .verdict { color: var(--bad); } h1 { margin: 0; font-size: 28px; } h1::first-letter { text-transform: uppercase; }
h2 { font-size: 19px; margin: 34px 0 10px; } h3 { font-size: 15px; margin: 10px 0 4px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); gap: 12px; margin-top: 22px; }
.card { background: var(--card); border: 1px solid var(--line); border-top: 4px solid var(--good); border-radius: 8px; padding: 10px 14px; }
.card.missed { border-top-color: var(--bad); } .card p { margin: 0; color: var(--soft); } .card strong { font-size: 26px; }
table { border-collapse: collapse; width: 100%; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
th, td { text-align: left; padding: 7px 12px; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--soft); font-weight: 600; } .met { color: var(--good); } .missed { color: var(--bad); }
.card.met, .card.missed, header, header h1 { color: var(--text); } .hint { color: var(--soft); margin: 4px 0; }
svg { width: 100%; height: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; font: 11px system-ui, sans-serif; }
svg text { fill: var(--text); } .lane { fill: var(--page); } .lane-title { font-weight: 600; } .tick { stroke: var(--line); stroke-width: 1; }
svg .tick-label { fill: var(--soft); font-size: 10px; } .lost { fill: var(--bad); } .bar { fill: var(--soft); }
.bar.primary { fill: var(--primary); } .bar.alternate { fill: var(--alternate); } .bar.recovery { fill: var(--recovery); }
.bar.traffic { fill: var(--traffic); } .bar.gap { fill: var(--bad); opacity: 0.35; } .bar.failed { fill: var(--bad); }
.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 20px; } code { font-size: 12.5px; } summary { cursor: pointer; margin-top: 8px; }
@media print { body { background: none; } details { display: block; } }
`);

const light = {
  text: "#1c2330",
  soft: "#5b6676",
  line: "#d9dfe7",
  page: "#f6f8fa",
  card: "#fff",
  bad: "#c62a2f",
  primary: "#7aa7e0",
  alternate: "#79c7a3",
  recovery: "#e3b85c",
  traffic: "#b79be0",
};

const dark: typeof light = {
  text: "#e6eaf0",
  soft: "#9aa6b6",
  line: "#333d4b",
  page: "#12171e",
  card: "#1b222c",
  bad: "#ff7b80",
  primary: "#33598d",
  alternate: "#2b6b4e",
  recovery: "#80601c",
  traffic: "#5b458a",
};

const coloured = (
  to: typeof light,
): string => `.sheet { fill: ${to.card}; } text { fill: ${to.text}; } .lane { fill: ${to.page}; }
.tick { stroke: ${to.line}; } .tick-label, .bar { fill: ${to.soft}; } .lost { fill: ${to.bad}; }
.bar.primary { fill: ${to.primary}; } .bar.alternate { fill: ${to.alternate}; } .bar.recovery { fill: ${to.recovery}; }
.bar.traffic { fill: ${to.traffic}; } .bar.gap, .bar.failed { fill: ${to.bad}; }`;

/** For a picture without the page around it. Plain colours, since converters such as rsvg-convert do not resolve CSS variables. */
export const pictureStyle = new Markup(`<style>
${coloured(light)}
text { font: 11px system-ui, sans-serif; } .lane-title { font-weight: 600; } .tick-label { font-size: 10px; } .bar.gap { opacity: 0.35; }
@media (prefers-color-scheme: dark) { ${coloured(dark)} }
</style><rect class="sheet" width="100%" height="100%"/>`);
