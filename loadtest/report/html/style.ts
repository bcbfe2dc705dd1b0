/** The report's whole look. Colours come in a light and a dark set, each legible on its ground. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #ffffff; --ink: #1a2230; --soft: #5b6675; --line: #e3e7ed;
  --good: #14784a; --good-ground: #e2f4ea; --bad: #b3261e; --bad-ground: #fbe6e4;
  --warn: #8a5a00; --warn-ground: #fdf1d8;
  --s1: #2563c9; --s2: #d9622b; --s3: #2f8f62; --s4: #8a4fbf; --s5: #b8860b; --s6: #c2376b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10141b; --card: #181e28; --ink: #e7ebf1; --soft: #9aa6b6; --line: #2a3341;
    --good: #6ed3a0; --good-ground: #14352a; --bad: #ff8f86; --bad-ground: #45201e;
    --warn: #f0c36a; --warn-ground: #3d2f10;
    --s1: #6ea4ff; --s2: #ff9d6b; --s3: #66cf9c; --s4: #c39bf0; --s5: #e6c15a; --s6: #ff86b0;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main { max-width: 1240px; margin: 0 auto; padding: 32px 24px 64px; }
header { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: baseline; }
h1 { font-size: 30px; line-height: 1.2; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 18px; margin: 40px 0 14px; }
.badge { font-weight: 600; padding: 3px 12px; border-radius: 999px; }
.good { color: var(--good); background: var(--good-ground); }
.bad { color: var(--bad); background: var(--bad-ground); }
.warn { color: var(--warn); background: var(--warn-ground); }
.lead { margin: 6px 0 0; color: var(--soft); }
.notice { border-radius: 10px; padding: 12px 16px; margin: 18px 0 0; }
.notice ul { margin: 4px 0 0; padding-left: 20px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(max(150px, 22%), 1fr)); gap: 12px; margin-top: 24px; }
.tile, figure, .card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
.tile { padding: 14px 16px; }
.tile span { display: block; color: var(--soft); font-size: 13px; }
.tile b { font-size: 25px; font-weight: 650; letter-spacing: -0.01em; }
.tile small { font-size: 14px; color: var(--soft); font-weight: 400; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); gap: 14px; }
.below { margin-top: 14px; }
.narrow { max-width: 460px; }
figure { margin: 0; padding: 14px 16px 12px; }
figcaption { display: flex; justify-content: space-between; gap: 12px; }
figcaption span { white-space: nowrap; color: var(--soft); font-size: 13px; }
svg { display: block; width: 100%; height: auto; margin-top: 6px; overflow: visible; }
svg text { font-size: 11.5px; fill: var(--soft); }
svg .y { text-anchor: end; dominant-baseline: central; }
svg .x { text-anchor: middle; }
svg .grid { stroke: var(--line); }
svg .tick { stroke: var(--soft); }
svg .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; stroke: currentColor; }
svg .faint { stroke-dasharray: 4 4; opacity: 0.7; }
svg .mark { stroke: var(--soft); stroke-dasharray: 2 3; }
svg .mark-text { text-anchor: middle; font-size: 10.5px; }
.s1 { color: var(--s1); } .s2 { color: var(--s2); } .s3 { color: var(--s3); }
.s4 { color: var(--s4); } .s5 { color: var(--s5); } .s6 { color: var(--s6); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 6px 0 0; padding: 0; font-size: 13px; }
.legend li::before { content: ""; display: inline-block; width: 14px; height: 3px; border-radius: 2px;
  background: currentColor; margin-right: 6px; vertical-align: middle; }
.card { padding: 6px 16px; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 7px 12px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
th { color: var(--soft); font-weight: 500; font-size: 13px; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.meaning { color: var(--soft); min-width: 240px; }
pre { margin: 8px 0; font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; white-space: pre-wrap; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(380px, 100%), 1fr)); gap: 14px; align-items: start; }
footer { color: var(--soft); margin-top: 40px; font-size: 13px; }
@media print { body { background: none; } figure, .tile { break-inside: avoid; } }
`;
