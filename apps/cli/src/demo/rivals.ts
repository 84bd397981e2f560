import { DAY_US, type VersionRef } from '@mettle/contracts';
import { JUDGED_FROM, JUDGED_TO, LIVE_FROM, MONTH_STARTS } from './calendar.ts';
import type { DemoClient, Files, Losses, ServedLosses } from './demoClient.ts';
import { ENDPOINT } from './timeline.ts';

type Entry = Files & { readonly from: number };

/** The columns that the managed endpoint is compared with: models that are scored offline and never deployed. */
export interface Rivals {
  /** Called after each day: trains the month's rival in the background, and refreshes the rolling figures weekly. */
  atWatermark(watermark: number): void;
  /** Mean log loss over the last four weeks of served and frozen. */
  rolling(): { managed: number; frozen: number } | null;
  champion(): string | null;
  /** Awaits the background and scores the year. */
  finish(watermark: number): Promise<{ frozen: Losses; monthly: Losses; blind: Losses; managed: ServedLosses }>;
}

const FOUR_WEEKS = 28 * DAY_US;

export function createRivals(client: DemoClient): Rivals {
  const months = new Map<number, Promise<Entry>>();
  let latest: { managed: number; frozen: number } | null = null;
  let champion: string | null = null;
  let busy = false;

  const fileOf = async (version: VersionRef, from: number): Promise<Entry> => ({ from, ...(await client.files(version)) });
  const monthly = (start: number): Promise<Entry> => {
    let training = months.get(start);
    if (training === undefined) {
      training = client.trainOffline(ENDPOINT, start).then((trained) => ({ from: start, ...trained }));
      // Awaited in finish(); a rejection before that must not end the process.
      training.catch(() => undefined);
      months.set(start, training);
    }
    return training;
  };
  const refresh = async (watermark: number): Promise<void> => {
    const range = { from: Math.max(LIVE_FROM, watermark - FOUR_WEEKS), to: watermark - DAY_US };
    const frozen = await client.score(ENDPOINT, watermark, range, [await fileOf({ model: ENDPOINT, version: 1 }, 0)]);
    const managed = await client.servedLoss(ENDPOINT, watermark, range);
    const { champion: serving } = await client.route(ENDPOINT);
    champion = serving === null ? null : `v${serving.version}`;
    if (frozen.mean !== null && managed.mean !== null) latest = { frozen: frozen.mean, managed: managed.mean };
  };

  return {
    atWatermark(watermark) {
      if (MONTH_STARTS.includes(watermark)) void monthly(watermark);
      if (busy || (watermark - LIVE_FROM) % (7 * DAY_US) !== 0) return;
      busy = true;
      refresh(watermark)
        .catch(() => undefined)
        .finally(() => (busy = false));
    },
    rolling: () => latest,
    champion: () => champion,
    async finish(watermark) {
      const range = { from: JUDGED_FROM, to: Math.min(watermark, JUDGED_TO) };
      const first = await fileOf({ model: ENDPOINT, version: 1 }, 0);
      const candidates = (await client.lifecycles(ENDPOINT)).filter((l) => l.version !== null).sort((a, b) => a.startedAt - b.startedAt);
      const blind = await Promise.all(candidates.map((l) => fileOf(l.version!, l.startedAt)));
      const starts = MONTH_STARTS.filter((start) => start < watermark);
      return {
        frozen: await client.score(ENDPOINT, watermark, range, [first]),
        monthly: await client.score(ENDPOINT, watermark, range, [first, ...(await Promise.all(starts.map(monthly)))]),
        blind: await client.score(ENDPOINT, watermark, range, blind),
        managed: await client.servedLoss(ENDPOINT, watermark, range),
      };
    },
  };
}
