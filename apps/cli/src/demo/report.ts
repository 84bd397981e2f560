import type { DemoResult, WeekRow } from './result.ts';
import { wonBackOf } from './table.ts';

const escape = (text: string): string => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

const SERIES = [
  { key: 'frozen', label: 'frozen', color: '#9a9a9a' },
  { key: 'monthly', label: 'monthly', color: '#3b7dd8' },
  { key: 'blind', label: 'blind', color: '#d8803b' },
  { key: 'managed', label: 'managed', color: '#1f8a4c' },
] as const;

/** ISO week `2013-W09` of a date. */
export function isoWeek(date: Date): string {
  const day = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()));
  day.setUTCDate(day.getUTCDate() + 4 - (day.getUTCDay() || 7));
  const first = Date.UTC(day.getUTCFullYear(), 0, 1);
  const week = Math.ceil(((day.getTime() - first) / 86_400_000 + 1) / 7);
  return `${day.getUTCFullYear()}-W${String(week).padStart(2, '0')}`;
}

function lossChart(weeks: readonly WeekRow[], promotions: readonly { week: string; label: string }[]): string {
  const width = 960;
  const height = 320;
  const left = 46;
  const values = weeks.flatMap((w) => SERIES.map((s) => w[s.key])).filter((v): v is number => v !== null);
  if (values.length === 0) return '<p>no labelled weeks</p>';
  const low = Math.min(...values) - 0.01;
  const high = Math.max(...values) + 0.01;
  const x = (i: number) => left + (i * (width - left - 10)) / Math.max(1, weeks.length - 1);
  const y = (v: number) => 12 + ((high - v) * (height - 44)) / (high - low);
  const grid = Array.from({ length: 5 }, (_, i) => low + ((high - low) * i) / 4)
    .map((v) => `<line x1="${left}" x2="${width - 10}" y1="${y(v)}" y2="${y(v)}" stroke="#eee"/><text x="4" y="${y(v) + 4}">${v.toFixed(2)}</text>`)
    .join('');
  const marks = promotions
    .map(({ week, label }) => ({ i: weeks.findIndex((w) => w.week === week), label }))
    .filter(({ i }) => i >= 0)
    .map(({ i, label }) => `<line x1="${x(i)}" x2="${x(i)}" y1="12" y2="${height - 32}" stroke="#1f8a4c" stroke-dasharray="2 3"><title>${escape(label)}</title></line>`)
    .join('');
  const lines = SERIES.map((s) => {
    const points = weeks.map((w, i) => (w[s.key] === null ? null : `${x(i).toFixed(1)},${y(w[s.key]!).toFixed(1)}`)).filter((p) => p !== null);
    return `<polyline fill="none" stroke="${s.color}" stroke-width="${s.key === 'managed' ? 2.5 : 1.5}" points="${points.join(' ')}"/>`;
  }).join('');
  const ticks = weeks.map((w, i) => (i % 4 === 0 ? `<text x="${x(i)}" y="${height - 12}" text-anchor="middle">${w.week.slice(5)}</text>` : '')).join('');
  const legend = SERIES.map((s, i) => `<text x="${left + 10 + i * 90}" y="24" fill="${s.color}">■ ${s.label}</text>`).join('');
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="log loss by week">${grid}${marks}${lines}${ticks}${legend}</svg>`;
}

function driftChart(drift: DemoResult['drift']): string {
  const columns = [...new Set(drift.map((d) => d.column))].sort();
  const times = [...new Set(drift.map((d) => d.at))].sort((a, b) => a - b);
  if (columns.length === 0) return '<p>no drift results</p>';
  const cell = Math.min(20, 800 / times.length);
  const of = new Map(drift.map((d) => [`${d.column}|${d.at}`, d]));
  const shade = (d: DemoResult['drift'][number] | undefined): string => {
    if (d === undefined || d.value === null) return '#f4f4f4';
    const heat = Math.min(1, d.value / 0.5);
    return `rgb(${255 - Math.round(30 * heat)},${245 - Math.round(170 * heat)},${235 - Math.round(190 * heat)})`;
  };
  const body = columns
    .map((column, row) => {
      const cells = times
        .map((at, i) => {
          const d = of.get(`${column}|${at}`);
          const title = d?.value == null ? 'undetermined' : `${column} ${new Date(at / 1000).toISOString().slice(0, 10)}: PSI ${d.value.toFixed(3)}`;
          return `<rect x="${150 + i * cell}" y="${row * 18}" width="${cell - 1}" height="16" fill="${shade(d)}"><title>${escape(title)}</title></rect>`;
        })
        .join('');
      return `<text x="0" y="${row * 18 + 12}">${escape(column)}</text>${cells}`;
    })
    .join('');
  return `<svg viewBox="0 0 960 ${columns.length * 18}" role="img" aria-label="drift by feature and week">${body}</svg>`;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table><tr>${head.map((h) => `<th>${escape(h)}</th>`).join('')}</tr>${rows.map((r) => `<tr>${r.map((c) => `<td>${escape(c)}</td>`).join('')}</tr>`).join('')}</table>`;

const figure = (value: number | null): string => (value === null ? '–' : value.toFixed(4));

/** One self-contained page: no script, no font, no address outside itself. */
export function renderReport(result: DemoResult): string {
  const promotions = result.decisions
    .filter((d) => d.action === 'promote' || d.action === 'deploy')
    .map((d) => ({ week: isoWeek(new Date(d.at)), label: `${d.action} ${d.version} ${d.at.slice(0, 10)}` }));
  const l = result.logLoss;
  const c = result.counts;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>A year of departures</title>
<style>body{font:14px/1.5 system-ui,sans-serif;max-width:980px;margin:2rem auto;padding:0 1rem;color:#222}svg{width:100%;height:auto;font:11px system-ui}table{border-collapse:collapse;font-size:12px}td,th{border-bottom:1px solid #eee;padding:2px 10px 2px 0;text-align:left;vertical-align:top}h2{margin-top:2rem}</style>
<h1>A year of departures from New York</h1>
<p>April to December, mean log loss: frozen ${figure(l.frozen)}, <b>managed ${figure(l.managed)}</b>, monthly ${figure(l.monthly)}, blind ${figure(l.blind)}. ${wonBackOf(result)}</p>
<p>Served ${c.served}, logged ${c.logged}, duplicated ${c.duplicated}, labelled ${c.labelled}; vectors audited ${c.audited}, parity mismatches ${c.parityMismatches}; kills ${result.kills}; ${result.seconds.toFixed(0)} s; seed ${result.seed}.</p>
<h2>Log loss by week</h2><p>Dotted lines are promotions.</p>${lossChart(result.byWeek, promotions)}
<h2>Drift by feature and week</h2><p>PSI of the week against the champion's training set; darker is farther.</p>${driftChart(result.drift)}
<h2>By month</h2>${table(['month', 'rows', 'frozen', 'managed', 'monthly', 'blind'], result.byMonth.map((r) => [r.month, String(r.rows), figure(r.frozen), figure(r.managed), figure(r.monthly), figure(r.blind)]))}
<h2>Decisions</h2>${table(['watermark', 'action', 'version', 'verdict', 'why'], result.decisions.map((d) => [d.at.slice(0, 10), d.action, d.version, d.verdict ?? '', d.reasons.join(' ')]))}
<h2>Incidents</h2>${table(['opened', 'closed', 'kind', 'metric', 'suspects'], result.incidents.map((i) => [i.openedAt.slice(0, 10), i.closedAt?.slice(0, 10) ?? 'open', i.kind, i.metric, i.suspects.join(', ')]))}
<h2>Sabotage</h2>${table(['cause', 'version', 'stopped in', 'why', 'responses served'], result.sabotage.map((s) => [s.cause, s.version, s.stoppedIn, s.reasons.join(' '), String(s.servedResponses)]))}
</html>
`;
}
