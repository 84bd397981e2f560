import { DAY_US, isoTime, versionKey } from '@mettle/contracts';
import { LIVE_FROM } from './calendar.ts';
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
  const { frozen, monthly, blind, managed } = await rivals.finish(watermark);
  const whole = await client.servedLoss(ENDPOINT, watermark, { from: LIVE_FROM, to: watermark + DAY_US });

  const months = (losses: { byMonth: readonly { month: string; rows: number; mean: number | null }[] }) => new Map(losses.byMonth.map((m) => [m.month, m]));
  const weeks = (losses: { byWeek: readonly { week: string; mean: number | null }[] }) => new Map(losses.byWeek.map((w) => [w.week, w.mean]));
  const [fm, mm, om, bm] = [months(frozen), months(managed), months(monthly), months(blind)];
  const [fw, mw, ow, bw] = [weeks(frozen), weeks(managed), weeks(monthly), weeks(blind)];
  const mean = (value: number | null): number => value ?? Number.NaN;
  const gap = mean(frozen.mean) - mean(monthly.mean);

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
      frozen: mean(frozen.mean), managed: mean(managed.mean), monthly: mean(monthly.mean), blind: mean(blind.mean),
      wonBack: (mean(frozen.mean) - mean(managed.mean)) / gap,
    },
    byMonth: [...fm.keys()].sort().map((month) => ({
      month, rows: fm.get(month)!.rows, frozen: fm.get(month)!.mean, managed: mm.get(month)?.mean ?? null,
      monthly: om.get(month)?.mean ?? null, blind: bm.get(month)?.mean ?? null,
    })),
    byWeek: [...fw.keys()].sort().map((week) => ({
      week, frozen: fw.get(week) ?? null, managed: mw.get(week) ?? null, monthly: ow.get(week) ?? null, blind: bw.get(week) ?? null,
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
