import type { DemoResult } from './result.ts';

const figure = (value: number | null): string => (value === null ? '     –' : value.toFixed(4));

/** What the lifecycle was worth, in one sentence. */
export const wonBackOf = ({ logLoss: { wonBack } }: DemoResult): string =>
  wonBack === null ? 'The run ended before the months that are judged.' : `The managed endpoint won back ${(100 * wonBack).toFixed(0)} % of the gap between the frozen model and the monthly one.`;

/** The closing page of the demo, as text. */
export function renderResult(result: DemoResult, where: { home: string; temporalUi: string; report: string; json: string }): string {
  const lines: string[] = ['', 'Mean log loss by month (lower is better)', '', 'month     rows    frozen  managed monthly blind'];
  for (const row of result.byMonth) {
    lines.push(`${row.month}  ${String(row.rows).padStart(6)}  ${figure(row.frozen)}  ${figure(row.managed)}  ${figure(row.monthly)}  ${figure(row.blind)}`);
  }
  const l = result.logLoss;
  lines.push(
    '', `April to December: frozen ${figure(l.frozen)}, managed ${figure(l.managed)}, monthly ${figure(l.monthly)}, blind ${figure(l.blind)}`,
    wonBackOf(result),
    '  frozen:  the first model, never touched again; monthly: the same recipe retrained at each month\'s start;',
    '  blind:   every candidate of the year deployed at once, without a gate, the sabotaged ones included.',
    '', 'Decisions',
  );
  for (const d of result.decisions) lines.push(`  ${d.at.slice(0, 10)}  ${d.action.padEnd(14)} ${d.version.padEnd(20)} ${(d.verdict ?? '').padEnd(12)} ${d.reasons.join(' ')}`);
  lines.push('', 'Incidents');
  for (const i of result.incidents) lines.push(`  ${i.openedAt.slice(0, 10)} – ${i.closedAt?.slice(0, 10) ?? 'open      '}  ${i.kind} ${i.metric}  suspects: ${i.suspects.slice(0, 3).join(', ') || 'none'}`);
  if (result.incidents.length === 0) lines.push('  none');
  lines.push('', 'Sabotage');
  for (const s of result.sabotage) lines.push(`  ${s.cause.padEnd(18)} ${s.version.padEnd(20)} stopped in ${s.stoppedIn}; responses served: ${s.servedResponses}. ${s.reasons.join(' ')}`);
  const c = result.counts;
  lines.push(
    '', `Counts: served ${c.served}, logged ${c.logged}, duplicated ${c.duplicated}, labelled ${c.labelled}, vectors audited ${c.audited}, parity mismatches ${c.parityMismatches}`,
    result.rollback === null ? 'Rollback: none' : `Rollback of ${result.rollback.version}: ${result.rollback.ms.toFixed(0)} ms from the update to the first response by the other version`,
    `Kills: ${result.kills}. Time: ${result.seconds.toFixed(0)} s.`,
    '', `Report       ${where.report}`, `JSON         ${where.json}`,
    'Look around, in two terminals:', `  export METTLE_HOME=${where.home}`, `  npm start                 Temporal UI at ${where.temporalUi}`,
    '  npm run mettle -- decisions list flight-lateness    (or models versions, incidents list, lifecycle list)', '',
  );
  return lines.join('\n');
}
