import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_US, days, workflowIds } from '@mettle/contracts';
import { openPlatform, type Platform } from './testing/platform.ts';
import { day } from './testing/world.ts';

describe('a year of steps', () => {
  let platform: Platform;
  beforeAll(async () => { platform = await openPlatform(); });
  afterAll(() => platform.close());

  const loss = { v: 1 as const, name: 'loss', endpoint: 'e', kind: 'performance' as const, metric: 'log_loss', columns: [], window: days(7), every: DAY_US, alpha: 0.001, floor: 0.01, hysteresis: { k: 2, n: 3, closeBelow: 0.8 } };
  /** Lives 330 days; `disturb` may do something before a step. */
  const year = async (disturb: (n: number, restart: () => Promise<void>) => Promise<void>) => {
    const scene = await platform.scenario({ monitors: [loss] });
    await scene.begin();
    for (let n = 1; n <= 330; n++) {
      const stepping = scene.client.advanceWatermark(scene.endpoint, day(n));
      await disturb(n, scene.restart);
      await stepping;
    }
    return scene;
  };

  it('continues as new on the way, and workers that go in the middle of a step change nothing', async () => {
    const calm = await year(() => Promise.resolve());
    const handle = platform.temporal.client.workflow.getHandle(workflowIds.clock(calm.endpoint));
    const { runId } = await handle.describe();
    const [first] = [await platform.temporal.client.workflow.getHandle(workflowIds.clock(calm.endpoint)).fetchHistory()];
    expect(first.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '').not.toBe('');
    expect(runId).not.toBe(first.events?.[0]?.workflowExecutionStartedEventAttributes?.firstExecutionRunId);

    // A repeated T is answered from what the run before left.
    const last = await calm.client.advanceWatermark(calm.endpoint, day(330));
    expect(last.watermark).toBe(day(330));
    await expect(calm.client.advanceWatermark(calm.endpoint, day(329))).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    const story = calm.world.story();
    expect(story.length).toBeGreaterThan(100);

    const shaken = await year(async (n, restart) => { if (n % 40 === 0) await restart(); });
    expect(shaken.world.story()).toEqual(story);
  }, 300_000);
});
