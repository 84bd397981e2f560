import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE_US, SECOND_US } from '@mettle/contracts';
import { dropSchedule, ensureSchedule } from '@mettle/lifecycle-activities';
import { openPlatform, type Platform } from './testing/platform.ts';

describe('the wall clock', () => {
  let platform: Platform;
  beforeAll(async () => { platform = await openPlatform(); });
  afterAll(() => platform.close());

  it('moves an endpoint at its cadence, in whole steps that lag behind, until the schedule is dropped', async () => {
    const { client, endpoint } = await platform.scenario();
    await ensureSchedule(platform.temporal.client, endpoint, { every: MINUTE_US });
    await ensureSchedule(platform.temporal.client, endpoint, { every: SECOND_US, lag: 2 * SECOND_US });
    const watermark = () => client.clockStatus(endpoint).then((status) => status.watermark, () => null);
    await expect.poll(watermark, { timeout: 15_000 }).not.toBeNull();
    const first = (await watermark()) ?? 0;
    expect(first % SECOND_US).toBe(0);
    expect(first).toBeLessThan(Date.now() * 1000 - SECOND_US);
    await expect.poll(watermark, { timeout: 15_000 }).toBeGreaterThan(first);
    await dropSchedule(platform.temporal.client, endpoint);
    await dropSchedule(platform.temporal.client, endpoint);
  });
});
