import { describe, expect, it } from 'vitest';
import { MettleError, type EventInput, type EventRecord } from '@mettle/contracts';
import { createMemoryStore, type OnlineStore } from '@mettle/feature-store';
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
    const ingest = createIngest({ events: log.events, online, raws: () => Promise.resolve([]), definitions: () => Promise.resolve([tripsDefinition]) });
    await ingest.serve(tripsDefinition);
    const pushes = [ingest.push('weather', [report(1, 10)]), ingest.push('weather', [report(2, 20), report(3, 30)]), ingest.push('weather', [report(4, 40)])];
    log.finish(1);
    log.finish(2);
    expect(await settledOf(pushes)).toEqual(['waits', 'waits', 'waits']);
    expect(await online.position(0)).toBe(0);
    log.finish(0);
    expect(await settledOf(pushes)).toEqual(['done', 'done', 'done']);
    expect(await online.position(0)).toBe(4);
  });

  it('acknowledges a duplicate only when what it repeats is served', async () => {
    const [log, online] = [slowLog(), createMemoryStore()];
    const ingest = createIngest({ events: log.events, online, raws: () => Promise.resolve([]), definitions: () => Promise.resolve([tripsDefinition]) });
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
    const store = { ...online, apply: async (records: readonly EventRecord[]) => { if (broken) throw new Error('no space'); await online.apply(records); } };
    const ingest = createIngest({ events: log.events, online: store, raws: () => Promise.resolve([]), definitions: () => Promise.resolve([tripsDefinition]) });
    await ingest.serve(tripsDefinition);
    const first = ingest.push('weather', [report(1, 10)]);
    log.finish(0);
    expect(await settledOf([first])).toEqual(['failed']);
    broken = false;
    const second = ingest.push('weather', [report(2, 20)]);
    log.finish(1);
    expect(await settledOf([second])).toEqual(['done']);
    expect(await online.position(0)).toBe(2);
  });

  it('fills again a store that was replaced by an empty one, and what it refused while it was away', async () => {
    const log = slowLog();
    let held = createMemoryStore();
    let away = false;
    const there = (): OnlineStore => {
      if (away) throw new MettleError('UNAVAILABLE', 'away');
      return held;
    };
    const online: OnlineStore = {
      register: async (definition) => there().register(definition), definitions: async () => there().definitions(), apply: async (records) => there().apply(records),
      rebuild: async (definition, records) => there().rebuild(definition, records), position: async (partition) => there().position(partition), generation: async () => there().generation(),
      read: async (service, rows) => there().read(service, rows), close: () => held.close(),
    };
    const ingest = createIngest({ events: log.events, online, raws: () => Promise.resolve([]), definitions: () => Promise.resolve([tripsDefinition]) });
    await ingest.serve(tripsDefinition);
    const first = ingest.push('weather', [report(1, 10), report(2, 20)]);
    log.finish(0);
    await first;
    away = true;
    const refused = ingest.push('weather', [report(3, 30)]);
    log.finish(1);
    expect(await settledOf([refused])).toEqual(['failed']);
    await expect(ingest.tend()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    held = createMemoryStore();
    away = false;
    await ingest.tend();
    expect(await held.position(0)).toBe(3);
    expect(await held.definitions()).toEqual([tripsDefinition]);
    const next = ingest.push('weather', [report(4, 40)]);
    log.finish(2);
    expect(await settledOf([next])).toEqual(['done']);
    expect(await held.position(0)).toBe(4);
  });
});
