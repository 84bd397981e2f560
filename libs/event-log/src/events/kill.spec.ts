import { it } from 'vitest';
import { killWriter } from '../testing/kill-writer.ts';

it('an event log killed in mid-write keeps what it acknowledged, once (5 kills)', { timeout: 60_000 }, () => killWriter(5, 1));
