import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlatform, type Platform } from './testing/platform.ts';
import { ENDPOINT, day, specOf } from './testing/world.ts';

describe('the story of an endpoint', () => {
  let platform: Platform;
  beforeAll(async () => { platform = await openPlatform(); });
  afterAll(() => platform.close());

  it('lives a month: the first champion, weekly candidates, one past shadow at a time', async () => {
    const { client, world } = platform;
    await client.advanceWatermark(ENDPOINT, day(0));
    const first = await client.launch(specOf('first', { initial: true }));
    expect(first.state).toBe('done');
    expect(world.table.champion).toEqual({ model: 'lateness', version: 1 });
    const times: number[] = [];
    for (let n = 1; n <= 35; n++) {
      const began = performance.now();
      await client.advanceWatermark(ENDPOINT, day(n));
      times.push(performance.now() - began);
    }
    console.log(times.map((t) => Math.round(t)).join(' '));
    console.log(world.story().join('\n'));
    console.log(world.calls.join('\n'));
  }, 120_000);
});
