// The page's looks: light and dark, wide and narrow, on paper.

/** Colours of ten levels, of which each stands out by 3 : 1 at least from its ground. */
const light = [
  ...["#0066b3", "#c74a00", "#008060", "#b0418f", "#6a4fb3"],
  ...["#8a6400", "#c22f3d", "#00788a", "#4d6b1f", "#5c6670"],
];
const dark = [
  ...["#62b0f5", "#ff9b57", "#43cfa3", "#ee8ccf", "#b39cf5"],
  ...["#e3bd52", "#ff8087", "#4fc9dc", "#a9cc70", "#aab4bf"],
];

const levels = (colours: readonly string[]) =>
  colours.map((colour, i) => `--c${i}: ${colour};`).join(" ");

/** Steps of a number from low to high. */
export const STEPS = 8;
const steps = Array.from(
  { length: STEPS },
  (_, i) =>
    `.q${i} { fill: color-mix(in oklab, var(--low), var(--high) ${Math.round((100 * i) / (STEPS - 1))}%); }`,
).join("\n");

export const style: string = `
:root {
  color-scheme: light dark;
  --ground: #fbfbf9; --card: #ffffff; --ink: #1d2329; --quiet: #59636e; --line: #dfe2e4;
  --first: #0a5fa3; --first-soft: #a9c9e6; --second: #b34700; --good: #1a6b3c; --bad: #a32a2a;
  --good-ground: #e6f3ea; --bad-ground: #fbeaea; --low: #7db8e8; --high: #5c1667;
  ${levels(light)}
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --card: #1b1f23; --ink: #e8ebed; --quiet: #a3adb6; --line: #343b42;
    --first: #6fb5f2; --first-soft: #33597c; --second: #ffa261; --good: #6fd39a; --bad: #ff9a96;
    --good-ground: #18301f; --bad-ground: #3a1e1e; --low: #2f6f9f; --high: #ffd166;
    ${levels(dark)}
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main, header, footer, nav { max-width: 1080px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 56px; }
h1 { font-size: clamp(26px, 4.4vw, 40px); line-height: 1.2; letter-spacing: -0.015em; font-weight: 650;
  margin: 6px 0 14px; max-width: 26em; text-wrap: balance; }
h2 { font-size: 23px; letter-spacing: -0.01em; margin: 0 0 6px; font-weight: 650; }
h3 { font-size: 15px; margin: 18px 0 4px; font-weight: 650; overflow-wrap: anywhere; }
p { margin: 0 0 12px; max-width: 46em; }
.kicker { color: var(--quiet); margin: 0; overflow-wrap: anywhere; }
.quiet, .note { color: var(--quiet); }
.note { font-size: 14.5px; }
a { color: var(--first); }
section { padding: 40px 0 8px; border-top: 1px solid var(--line); margin-top: 36px; }
nav ul { list-style: none; margin: 0; padding: 14px 0; display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 14.5px; }
nav a { text-decoration: none; padding: 4px 0; display: inline-block; }
nav a:hover { text-decoration: underline; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 26px 0 0; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.figures dt { color: var(--quiet); font-size: 14px; }
.figures dd { margin: 2px 0 0; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; }
.figures dd small { display: block; font-size: 14px; font-weight: 400; color: var(--quiet); }
.verdicts { list-style: none; margin: 22px 0 0; padding: 0; display: grid; gap: 8px; }
.verdicts li { padding: 10px 14px; border-radius: 8px; border-left: 4px solid var(--good); max-width: 54em; }
.verdicts .won { background: var(--good-ground); }
.verdicts .lost { background: var(--bad-ground); border-color: var(--bad); }
.verdicts b { margin-right: 6px; }
.won b { color: var(--good); } .lost b { color: var(--bad); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 20px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); gap: 16px; margin: 18px 0; }
.card, figure { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px; margin: 0; min-width: 0; }
figure { margin: 16px 0; }
figcaption { color: var(--quiet); font-size: 14.5px; margin-top: 8px; }
.card h3, figure h3 { margin-top: 0; }
.card p { margin: 0 0 8px; font-size: 14px; color: var(--quiet); }
.finding { border-left: 4px solid var(--second); margin: 12px 0; }
svg.plot { display: block; width: 100%; height: auto; max-width: 640px; font: 12.5px system-ui, sans-serif; overflow: visible; color: var(--ink); }
svg.plot text { white-space: pre; }
.cards svg.plot { max-width: 400px; }
svg.plot [aria-label$="grid"] { color: var(--quiet); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 14.5px; color: var(--quiet); margin: 6px 0; padding: 0; list-style: none; }
.legend svg { width: 14px; height: 14px; vertical-align: -2px; margin-right: 6px; overflow: visible; }
.legend .box { display: inline-block; width: 16px; height: 11px; background: var(--first-soft); border: 1px solid var(--first); margin-right: 7px; }
.legend .stroke { display: inline-block; width: 18px; border-top: 3px solid var(--second); margin-right: 7px; vertical-align: 4px; }
.scroll { overflow-x: auto; margin: 14px 0; border: 1px solid var(--line); border-radius: 10px; background: var(--card); }
.scroll:focus-visible, select:focus-visible, svg:focus-visible, summary:focus-visible, a:focus-visible { outline: 3px solid var(--first); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: 14.5px; }
th, td { text-align: left; padding: 8px 14px; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--quiet); font-weight: 500; white-space: nowrap; }
tbody th { font-weight: 500; min-width: 8.5em; max-width: 22em; overflow-wrap: break-word; }
td { font-variant-numeric: tabular-nums; max-width: 30em; overflow-wrap: break-word; }
.numbers td, .numbers thead th:not(:first-child) { text-align: right; }
.numbers thead th { white-space: normal; min-width: 5em; }
.wide td:last-child { min-width: 17em; }
.apart { color: var(--second); font-weight: 600; white-space: nowrap; }
details { margin: 14px 0; }
summary { cursor: pointer; color: var(--first); padding: 6px 0; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px; overflow-x: auto; font: 13.5px/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { font: 0.92em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
img { image-rendering: pixelated; max-width: 100%; }
.thumbs { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 14px; margin: 16px 0; padding: 0; list-style: none; }
.thumbs li { font-size: 13px; color: var(--quiet); }
.thumbs span { display: flex; gap: 4px; }
.thumbs img, .card .means img { width: calc(50% - 2px); height: auto; border-radius: 3px; background: #000; }
.card .means { display: flex; gap: 4px; }
.strip { width: 100%; max-width: 420px; height: auto; display: block; }
.grid { width: 100%; max-width: 520px; height: auto; display: block; }
.map { position: relative; }
.map svg.plot { max-width: 820px; margin: 0 auto; touch-action: pan-y; }
.map label { display: inline-block; margin-bottom: 8px; }
select { font: inherit; max-width: 100%; padding: 5px 8px; margin-left: 6px; border-radius: 7px; border: 1px solid var(--quiet); background: var(--card); color: var(--ink); }
#tip { position: absolute; pointer-events: none; background: var(--card); color: var(--ink); border: 1px solid var(--quiet); border-radius: 8px; padding: 8px 10px; font-size: 13.5px; line-height: 1.4; max-width: 260px; overflow-wrap: anywhere; box-shadow: 0 3px 14px rgb(0 0 0 / 0.18); z-index: 2; }
[hidden] { display: none !important; }
#tip i { display: block; image-rendering: pixelated; background-repeat: no-repeat; margin-bottom: 6px; }
#tip dl { margin: 0; display: grid; grid-template-columns: auto 1fr; gap: 0 10px; }
#tip dt { color: var(--quiet); } #tip dd { margin: 0; }
.map path { fill-opacity: 0.85; }
.hollow { fill: none; stroke-width: 1.6; }
.none { fill: var(--quiet); opacity: 0.55; }
${steps}
footer { padding: 40px 24px 60px; color: var(--quiet); font-size: 14.5px; }
@media (max-width: 600px) {
  main, header, footer, nav { padding-left: 16px; padding-right: 16px; }
  header { padding-top: 30px; }
  .card, figure { padding: 12px; }
  figure svg.plot { font-size: 16px; }
  .cards svg.plot { font-size: 12.5px; }
  .figures { grid-template-columns: 1fr 1fr; }
}
@media print {
  :root { --ground: #fff; }
  body { font-size: 11pt; }
  nav, .map label, #tip { display: none; }
  section { break-inside: auto; }
  .card, figure, tr { break-inside: avoid; }
  .scroll { overflow: visible; }
}
`;
