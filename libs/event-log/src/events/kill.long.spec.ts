import { it } from 'vitest';
import { killWriter } from '../testing/kill-writer.ts';

it('an event log killed in mid-write keeps what it acknowledged, once (40 kills)', { timeout: 600_000 }, () => killWriter(40, 2));
