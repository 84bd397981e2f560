import { it } from 'vitest';
import { expectNothingLost } from './testing/expectNothingLost.ts';
import { liveThroughKills } from './testing/liveThroughKills.ts';

it('a server that is killed twice loses no prediction and doubles none', async () => expectNothingLost(await liveThroughKills(2)), 60_000);
