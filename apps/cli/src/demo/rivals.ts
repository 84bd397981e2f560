import { DAY_US, type VersionRef } from '@mettle/contracts';
import { LIVE_FROM, MONTH_STARTS } from './calendar.ts';
import type { DemoClient, Files, Losses } from './demoClient.ts';
import { ENDPOINT } from './timeline.ts';

type Entry = Files & { readonly from: number };

/** The year as scored for each rival: the frozen model week by week, the others at once. */
export interface RivalLosses {
  readonly frozen: readonly Losses[];
  readonly monthly: Losses;
  readonly blind: Losses;
}

/** The columns that the managed endpoint is compared with: models that are scored offline and never deployed. */
export interface Rivals {
  /** Called after each day: trains the month's rival, and scores the past week by the frozen model, in the background. */
  atWatermark(watermark: number): void;
  /** Mean log loss over the last four weeks of served and frozen. */
  rolling(): { managed: number; frozen: number } | null;
  champion(): string | null;
  /** Awaits the background and scores what is left of the year. */
  finish(watermark: number): Promise<RivalLosses>;
}

const WEEK = 7 * DAY_US;
const FIRST: VersionRef = { model: ENDPOINT, version: 1 };
/** Rows are scored when they are this old: every flight that will ever land has landed. */
const LANDED = 3 * DAY_US;
/** Weeks in the rolling figures. */
const ROLLING = 4;

/** @param serviceAt the feature service of the endpoint's recipe as of a watermark */
export function createRivals(client: DemoClient, serviceAt: (watermark: number) => string): Rivals {
  const months = new Map<number, Promise<Entry>>();
  const frozen: Losses[] = [];
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
  /** The rows of [through, to): by the frozen model, and as they were served. */
  const scoreWeek = async (watermark: number, to: number): Promise<void> => {
    if (to <= through) return;
    const range = { from: through, to };
    const losses = await client.score(ENDPOINT, watermark, range, [await fileOf(FIRST, 0)]);
    const managed = await client.servedLoss(ENDPOINT, watermark, range);
    frozen.push(losses);
    through = to;
    if (losses.mean !== null && managed.mean !== null) weeks.push({ rows: losses.labelled, frozen: losses.mean, managed: managed.mean });
    const { champion: serving } = await client.route(ENDPOINT);
    champion = serving === null ? null : `v${serving.version}`;
  };

  return {
    atWatermark(watermark) {
      if (MONTH_STARTS.includes(watermark)) void monthly(watermark);
      if ((watermark - LIVE_FROM) % WEEK !== 0) return;
      // What fails here is scored by the next week, or at the end.
      work = work.then(() => scoreWeek(watermark, watermark - LANDED)).catch(() => undefined);
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
      await scoreWeek(watermark, watermark);
      const range = { from: LIVE_FROM, to: watermark };
      const first = await fileOf(FIRST, 0);
      const starts = MONTH_STARTS.filter((start) => start < watermark);
      const candidates = (await client.lifecycles(ENDPOINT)).filter((l) => l.version !== null).sort((a, b) => a.startedAt - b.startedAt);
      return {
        frozen,
        monthly: await client.score(ENDPOINT, watermark, range, [first, ...(await Promise.all(starts.map(monthly)))]),
        blind: await client.score(ENDPOINT, watermark, range, await Promise.all(candidates.map((l) => fileOf(l.version!, l.startedAt)))),
      };
    },
  };
}
