import { predictionIdOf } from '@mettle/contracts';
import { describe, expect, it } from 'vitest';
import { TICK_US, type Flight, type FlightData } from './flightData.ts';
import { createTimeline, ENDPOINT, labelsOf, requestIdOf, targetOf } from './timeline.ts';

const MINUTE = 60_000_000;
const noon = Date.UTC(2013, 2, 1, 12) * 1000;
const flight = (id: string, predictAt: number, landedAt: number | null, delay: number | null): Flight => ({
  id, carrier: 'UA', origin: 'EWR', dest: 'IAH', plane: `N${id}`, distance: 1400, scheduled: predictAt + 2 * 60 * MINUTE, predictAt, landedAt, delay,
});
const data: FlightData = {
  flights: [flight('a', noon - TICK_US, noon, 16), flight('b', noon, noon + MINUTE, 15), flight('c', noon, null, null), flight('d', noon + TICK_US, noon + 5 * MINUTE, -3)],
  weather: [{ id: 'w', origin: 'EWR', at: noon - 10 * MINUTE, known: noon, values: { temp: 40 } }],
  planes: [{ plane: 'Na', year: 2001, seats: 150 }],
};

describe('the order in which things become known', () => {
  const timeline = createTimeline(data);

  it('is open at the beginning and closed at the end: nothing is pushed twice or left out', () => {
    expect(timeline.known(noon - 1, noon)).toMatchObject({ weather: [{ eventId: 'w' }], landings: [{ eventId: 'a' }] });
    expect(timeline.known(noon, noon + MINUTE)).toMatchObject({ weather: [], landings: [{ eventId: 'b' }] });
    expect(timeline.known(0, noon + 60 * MINUTE).landed.map((f) => f.id)).toEqual(['a', 'b', 'd']);
  });

  it('predicts each departure at its own tick, history before the first live one', () => {
    expect(timeline.due(noon).map((f) => f.id)).toEqual(['b', 'c']);
    expect(timeline.nextTick(noon)).toBe(noon);
    expect(timeline.nextTick(noon + 1)).toBe(noon + TICK_US);
    expect(timeline.nextTick(noon + TICK_US + 1)).toBeNull();
    expect(timeline.before(noon).map((f) => f.id)).toEqual(['a']);
  });

  it('labels what was asked: the observation of history, the row of a live request; late is more than fifteen minutes', () => {
    const labels = labelsOf(timeline.known(0, noon + 60 * MINUTE).landed, targetOf(timeline, noon));
    expect(labels.map((l) => l.value)).toEqual([1, 0, 0]);
    expect(labels.map((l) => l.target)).toEqual([
      { predictionId: predictionIdOf(ENDPOINT, 'a', 0) },
      { predictionId: predictionIdOf(ENDPOINT, requestIdOf(noon), 0) },
      { predictionId: predictionIdOf(ENDPOINT, requestIdOf(noon + TICK_US), 0) },
    ]);
  });
});
