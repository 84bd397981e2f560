import { DAY_US, type VersionRef } from '@mettle/contracts';
import { LIVE_FROM, MONTH_STARTS } from './calendar.ts';
import type { DemoClient, Files, Losses } from './demoClient.ts';
import { ENDPOINT } from './timeline.ts';

type Entry = Files & { readonly from: number };

/** Stretches of the year that were scored, oldest first, a list per rival. */
export interface RivalLosses {
  readonly frozen: readonly Losses[];
  readonly monthly: readonly Losses[];
  readonly blind: readonly Losses[];
}

/** The columns that the managed endpoint is compared with: models that are scored offline and never deployed. */
export interface Rivals {
  /** Called after each day: trains the month's rival and scores the past week in the background. */
  atWatermark(watermark: number): void;
  /** Mean log loss over the last four weeks of served and frozen. */
  rolling(): { managed: number; frozen: number } | null;
  champion(): string | null;
  /** Awaits the background and scores what is left of the year. */
  finish(watermark: number): Promise<RivalLosses>;
}

const WEEK = 7 * DAY_US;
/** Rows are scored when they are this old: every flight that will ever land has landed. */
const LANDED = 3 * DAY_US;
/** Weeks in the rolling figures. */
const ROLLING = 4;

/** @param serviceAt the feature service of the endpoint's recipe as of a watermark */
export function createRivals(client: DemoClient, serviceAt: (watermark: number) => string): Rivals {
  const months = new Map<number, Promise<Entry>>();
  const scored = { frozen: [] as Losses[], monthly: [] as Losses[], blind: [] as Losses[] };
  const weeks: { readonly rows: number; readonly frozen: number; readonly managed: number }[] = [];
  let through = LIVE_FROM;
  let champion: string | null = null;
  let work: Promise<void> = Promise.resolve();

  const fileOf = async (version: VersionRef, from: number): Promise<Entry> => ({ from, ...(await client.files(version)) });
  const monthly = (start: number): Promise<Entry> => {
    let training = months.get(start);
    if (training === undefined) {
      training = client.trainOffline(ENDPOINT, start, serviceAt(start)).then((trained) => ({ from: start, ...trained }));
      // Awaited when its month is scored; a rejection before that must not end the process.
      training.catch(() => undefined);
      months.set(start, training);
    }
    return training;
  };
  /** Scores every rival on the rows of [through, to): each served by the file that it would have had at T. */
  const score = async (watermark: number, to: number): Promise<void> => {
    if (to <= through) return;
    const range = { from: through, to };
    const first = await fileOf({ model: ENDPOINT, version: 1 }, 0);
    const starts = MONTH_STARTS.filter((start) => start < to);
    const candidates = (await client.lifecycles(ENDPOINT)).filter((l) => l.version !== null && l.startedAt < to).sort((a, b) => a.startedAt - b.startedAt);
    const frozen = await client.score(ENDPOINT, watermark, range, [first]);
    const retrained = await client.score(ENDPOINT, watermark, range, [first, ...(await Promise.all(starts.map(monthly)))]);
    const blind = await client.score(ENDPOINT, watermark, range, await Promise.all(candidates.map((l) => fileOf(l.version!, l.startedAt))));
    const managed = await client.servedLoss(ENDPOINT, watermark, range);
    scored.frozen.push(frozen);
    scored.monthly.push(retrained);
    scored.blind.push(blind);
    through = to;
    if (frozen.mean !== null && managed.mean !== null) weeks.push({ rows: frozen.labelled, frozen: frozen.mean, managed: managed.mean });
    const { champion: serving } = await client.route(ENDPOINT);
    champion = serving === null ? null : `v${serving.version}`;
  };

  return {
    atWatermark(watermark) {
      if (MONTH_STARTS.includes(watermark)) void monthly(watermark);
      if ((watermark - LIVE_FROM) % WEEK !== 0) return;
      // What fails here is scored by the next week, or at the end.
      work = work.then(() => score(watermark, watermark - LANDED)).catch(() => undefined);
    },
    rolling() {
      const last = weeks.slice(-ROLLING);
      const rows = last.reduce((sum, week) => sum + week.rows, 0);
      const mean = (of: 'frozen' | 'managed'): number => last.reduce((sum, week) => sum + week.rows * week[of], 0) / rows;
      return rows === 0 ? null : { managed: mean('managed'), frozen: mean('frozen') };
    },
    champion: () => champion,
    async finish(watermark) {
      await work;
      await score(watermark, watermark);
      return scored;
    },
  };
}
