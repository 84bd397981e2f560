import { describe, expect, it } from 'vitest';
import type { EventInput, EventRecord } from '@mettle/contracts';
import { createMemoryStore } from '@mettle/feature-store';
import { report, tripsDefinition } from '../testing/trips.ts';
import { createIngest } from './ingest.ts';

/** A log whose appends become durable when the test says so. */
function slowLog() {
  const records: EventRecord[] = [];
  const known = new Set<string>();
  const pending: (() => void)[] = [];
  return {
    finish: (index: number) => pending[index]!(),
    events: {
      get last() { return records.length; },
      async append(source: string, inputs: readonly EventInput[]) {
        const fresh = inputs.filter((input) => !known.has(input.eventId)).map((input, i): EventRecord => {
          known.add(input.eventId);
          return { v: 1, eventId: input.eventId, source, schema: 's', keys: input.keys, values: input.values, eventTime: input.eventTime, publishedAt: input.publishedAt ?? null, knownAt: input.publishedAt ?? 0, partition: 0, sequence: records.length + i + 1, revision: 0, op: 'assert' };
        });
        records.push(...fresh);
        const position = records.length;
        await new Promise<void>((resolve) => pending.push(resolve));
        return { records: fresh, duplicates: inputs.length - fresh.length, position };
      },
      async *replay(from: number) { yield* records.slice(from - 1); },
    },
  };
}
const settledOf = async (pushes: Promise<unknown>[]) => {
  const states = pushes.map(() => 'waits');
  pushes.forEach((push, i) => push.then(() => (states[i] = 'done'), () => (states[i] = 'failed')));
  await new Promise((resolve) => setImmediate(resolve));
  return states;
};

describe('ingest', () => {
  it('acknowledges in the order of the log, whatever is durable first', async () => {
    const [log, online] = [slowLog(), createMemoryStore()];
    const ingest = createIngest({ events: log.events, online, raws: () => Promise.resolve([]) });
    await ingest.serve(tripsDefinition);
    const pushes = [ingest.push('weather', [report(1, 10)]), ingest.push('weather', [report(2, 20), report(3, 30)]), ingest.push('weather', [report(4, 40)])];
    log.finish(1);
    log.finish(2);
    expect(await settledOf(pushes)).toEqual(['waits', 'waits', 'waits']);
    expect(online.position(0)).toBe(0);
    log.finish(0);
    expect(await settledOf(pushes)).toEqual(['done', 'done', 'done']);
    expect(online.position(0)).toBe(4);
  });

  it('acknowledges a duplicate only when what it repeats is served', async () => {
    const [log, online] = [slowLog(), createMemoryStore()];
    const ingest = createIngest({ events: log.events, online, raws: () => Promise.resolve([]) });
    await ingest.serve(tripsDefinition);
    const pushes = [ingest.push('weather', [report(1, 10)]), ingest.push('weather', [report(1, 10)])];
    log.finish(1);
    expect(await settledOf(pushes)).toEqual(['waits', 'waits']);
    log.finish(0);
    expect(await settledOf(pushes)).toEqual(['done', 'done']);
    expect(await pushes[1]).toEqual({ accepted: 0, duplicates: 1, position: 1 });
  });

  it('fails a push that the store refuses, and applies it with the next', async () => {
    const [log, online] = [slowLog(), createMemoryStore()];
    let broken = true;
    const store = { ...online, apply: (records: readonly EventRecord[]) => { if (broken) throw new Error('no space'); online.apply(records); } };
    const ingest = createIngest({ events: log.events, online: store, raws: () => Promise.resolve([]) });
    await ingest.serve(tripsDefinition);
    const first = ingest.push('weather', [report(1, 10)]);
    log.finish(0);
    expect(await settledOf([first])).toEqual(['failed']);
    broken = false;
    const second = ingest.push('weather', [report(2, 20)]);
    log.finish(1);
    expect(await settledOf([second])).toEqual(['done']);
    expect(online.position(0)).toBe(2);
  });
});
