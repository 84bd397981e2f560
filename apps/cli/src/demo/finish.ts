import { DAY_US, isoTime, versionKey } from '@mettle/contracts';
import { isJudged, LIVE_FROM } from './calendar.ts';
import { columnOf, type Column } from './losses.ts';
import type { DemoResult } from './result.ts';
import type { Story } from './story.ts';
import { ENDPOINT } from './timeline.ts';

const DRIFT_MONITOR = 'input-psi';

/** Audits every logged vector, scores the rivals, and gathers what the platform recorded. */
export async function finish(story: Story): Promise<DemoResult> {
  const { client, rivals, state, progress } = story;
  const watermark = state.watermark!;
  progress.say('  auditing every logged vector, scoring the rivals');
  const audit = await client.auditLog(ENDPOINT, watermark, { from: LIVE_FROM, to: watermark + DAY_US });
  const scored = await rivals.finish(watermark);
  const whole = await client.servedLoss(ENDPOINT, watermark, { from: LIVE_FROM, to: watermark + DAY_US });
  const column = (stretches: Parameters<typeof columnOf>[0]): Column => columnOf(stretches, isJudged);
  const [frozen, managed, monthly, blind] = [column(scored.frozen), column([whole]), column([scored.monthly]), column([scored.blind])];
  const gap = frozen.mean === null || monthly.mean === null ? null : frozen.mean - monthly.mean;

  const lifecycles = await client.lifecycles(ENDPOINT);
  const sabotage = await Promise.all(Object.entries(state.sabotage).map(async ([cause, id]) => {
    const lifecycle = lifecycles.find((l) => l.id === id);
    const version = lifecycle?.version == null ? 'none' : versionKey(lifecycle.version);
    return {
      cause, version, stoppedIn: lifecycle === undefined ? 'unknown' : `${lifecycle.phase} (${lifecycle.state})`,
      reasons: await client.lifecycleReasons(id), servedResponses: state.servedBy[version] ?? 0,
    };
  }));
  return {
    seed: state.seed,
    seconds: state.seconds,
    kills: state.kills,
    logLoss: {
      frozen: frozen.mean, managed: managed.mean, monthly: monthly.mean, blind: blind.mean,
      wonBack: frozen.mean === null || managed.mean === null || gap === null || gap === 0 ? null : (frozen.mean - managed.mean) / gap,
    },
    byMonth: [...frozen.byMonth].map(([month, { rows, mean }]) => ({
      month, rows, frozen: mean, managed: managed.byMonth.get(month)?.mean ?? null,
      monthly: monthly.byMonth.get(month)?.mean ?? null, blind: blind.byMonth.get(month)?.mean ?? null,
    })),
    byWeek: [...frozen.byWeek].map(([week, { mean }]) => ({
      week, frozen: mean, managed: managed.byWeek.get(week)?.mean ?? null,
      monthly: monthly.byWeek.get(week)?.mean ?? null, blind: blind.byWeek.get(week)?.mean ?? null,
    })),
    counts: {
      served: state.served, logged: whole.served, duplicated: whole.duplicated, labelled: whole.labelled,
      audited: audit.rows, parityMismatches: audit.mismatches,
    },
    decisions: (await client.decisions(ENDPOINT)).map(({ decision: d, reasons }) => ({
      at: isoTime(d.at), action: d.action, version: versionKey(d.version), verdict: d.verdict,
      reasons: reasons.length > 0 || d.note === '' ? reasons : [d.note],
    })),
    incidents: (await client.incidents(ENDPOINT)).map((i) => ({
      id: i.incidentId, kind: i.kind, metric: i.metric, openedAt: isoTime(i.openedAt), closedAt: i.closedAt === null ? null : isoTime(i.closedAt),
      suspects: i.suspects.map((s) => `${s.kind} ${s.name} (${s.owner})`),
    })),
    sabotage,
    rollback: state.rollback === null || state.rollback.ms < 0 ? null : { version: state.rollback.version, ms: state.rollback.ms },
    drift: (await client.monitorResults(ENDPOINT, DRIFT_MONITOR)).filter((r) => r.column !== null).map((r) => ({ column: r.column!, at: r.at, value: r.value, threshold: r.threshold })),
  };
}
