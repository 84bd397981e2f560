import { it } from 'vitest';
import { expectNothingLost } from './testing/expectNothingLost.ts';
import { liveThroughKills } from './testing/liveThroughKills.ts';

it('a server that is killed thirty times, its champion changed and its log sealed meanwhile, loses no prediction and doubles none', async () => expectNothingLost(await liveThroughKills(30)));
