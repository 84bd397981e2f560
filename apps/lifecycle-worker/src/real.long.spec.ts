import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENDPOINT, LIVES, day, openRealPlatform } from './testing/realPlatform.ts';

const spec = (cause: string, initial = false) => ({ endpoint: ENDPOINT, cause, kind: 'refresh' as const, service: null, trainer: null, snapshot: null, initial, note: '', by: null });

describe.each(['binary', 'regression', 'multiclass'] as const)('every room together, for a task of %s', (task) => {
  const life = LIVES[task];
  let platform: Awaited<ReturnType<typeof openRealPlatform>>;
  beforeAll(async () => { platform = await openRealPlatform(life); });
  afterAll(() => platform.close());

  it('takes history to a first champion, with parity proved and the metrics recomputed', async () => {
    await platform.live(day(0), day(20), 'history');
    await platform.client.advanceWatermark(ENDPOINT, day(20));
    const status = await platform.client.launch(spec('first', true));
    expect(status.waitsFor).toBe('lateness@1 is the first champion');
    expect(status).toMatchObject({ state: 'done', version: { model: ENDPOINT, version: 1 }, verdict: 'pass' });
    const view = await platform.registry.version({ model: ENDPOINT, version: 1 });
    expect(view).toMatchObject({ stage: 'production', qualified: 'pass', lineage: { complete: true } });
    const [bound] = life.policy.offline!.bounds;
    expect(view.manifest.task).toBe(task);
    expect(view.manifest.offline[bound!.metric]?.value).toBeLessThan(bound!.atMost!);
    expect(view.manifest.offline[life.policy.success.metric]?.rows).toBe(360 - 15);
    const [qualification] = await platform.registry.qualifications({ model: ENDPOINT, version: 1 });
    expect(qualification?.parity).toMatchObject({ verdict: 'pass', rows: 1440, mismatches: 0 });
  }, 60_000);

  it('brings a refresh through shadow, challenge and bake on what was predicted and what came of it', async () => {
    await platform.client.launch(spec('refresh'));
    for (let n = 20; n < 34; n++) {
      await platform.live(day(n), day(n + 1), 'predictions');
      const result = await platform.client.advanceWatermark(ENDPOINT, day(n + 1));
      expect(result.sealed.predictions).toBe(72);
    }
    const decisions = (await platform.registry.decisions(ENDPOINT)).map((decision) => `${decision.action} ${decision.version.version} at ${(decision.at - day(0)) / 86_400e6}`);
    expect(decisions).toEqual(['deploy 1 at 20', 'startShadow 2 at 21', 'startChallenge 2 at 29', 'approve 2 at 31', 'promote 2 at 31']);
    expect(await platform.registry.verifyChain(ENDPOINT)).toMatchObject({ ok: true });
  }, 120_000);
});
