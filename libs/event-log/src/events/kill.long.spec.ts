import { it } from 'vitest';
import { killWriter } from '../testing/kill-writer.ts';

it('an event log killed in mid-write keeps what it acknowledged, once (100 kills)', { timeout: 600_000 }, () => killWriter(100, 2));
