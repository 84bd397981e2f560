import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlatform, type Platform } from './testing/platform.ts';
import { specOf } from './testing/world.ts';

describe('the story of an endpoint', () => {
  let platform: Platform;
  beforeAll(async () => { platform = await openPlatform(); });
  afterAll(() => platform.close());

  it('lives a month: the first champion, weekly candidates, one past shadow at a time, and the same again', async () => {
    const month = async (): Promise<string[]> => {
      const { world, live, begin } = await platform.scenario();
      await begin();
      await live(1, 35);
      return world.story();
    };
    const story = await month();
    expect(story).toEqual([
      'deploy lateness@1 at 0',
      'startShadow lateness@2 at 7',
      'startShadow lateness@3 at 14', 'startChallenge lateness@2 at 15', 'approve lateness@2 at 18', 'promote lateness@2 at 18',
      'startShadow lateness@4 at 21', 'startChallenge lateness@3 at 22', 'approve lateness@3 at 25', 'promote lateness@3 at 25',
      'startShadow lateness@5 at 28', 'startChallenge lateness@4 at 29', 'approve lateness@4 at 32', 'promote lateness@4 at 32',
      'startShadow lateness@6 at 35',
    ]);
    expect(await month()).toEqual(story);
  }, 60_000);

  it('compares with the new champion, over whole weeks, when the champion changes in a shadow', async () => {
    const { world, client, endpoint, live, begin } = await platform.scenario({ policy: { retrain: { onIncident: false, onConfirmedDrift: false, maxAge: null, cooldown: 0 } } });
    await begin();
    await client.launch(specOf(endpoint, 'older'));
    await live(1, 3);
    await client.launch(specOf(endpoint, 'younger'));
    await live(4, 17);
    expect(world.story()).toContain('promote lateness@2 at 12');
    // The younger was to look on day 12, passed, and waited for the older one's bake; then it looked at the new champion.
    expect(world.calls.filter((call) => call.startsWith('measure shadow lateness@3'))).toEqual([
      'measure shadow lateness@3 against lateness@2 over 7 days at 12',
    ]);
    expect(world.story()).toContain('startChallenge lateness@3 at 16');
  }, 60_000);

  it('ends a refresh that is older than the champion', async () => {
    const { world, client, endpoint, live, begin } = await platform.scenario({ policy: { retrain: { onIncident: false, onConfirmedDrift: false, maxAge: null, cooldown: 0 } } });
    world.answers.difference = (candidate) => (candidate.version === 2 ? 0.01 : -0.005);
    await begin();
    const older = await client.launch(specOf(endpoint, 'older'));
    await live(1, 2);
    await client.launch(specOf(endpoint, 'younger'));
    await live(3, 22);
    expect(world.story()).toContain('promote lateness@3 at 14');
    expect(world.statuses.get(older.id)).toMatchObject({ state: 'rejected', reasons: [{ code: 'SUPERSEDED' }] });
    expect(world.story()).toContain('reject lateness@2 at 15');
  }, 60_000);
  it('starts no candidate before there is a time', async () => {
    const { client, endpoint } = await platform.scenario();
    await expect(client.launch(specOf(endpoint, 'first', { initial: true }))).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
  });
});
