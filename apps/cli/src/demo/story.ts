import { isoTime, type LifecycleStatus, Policy, versionKey, type WatermarkResult } from '@mettle/contracts';
import { flightLateness, flightLatenessWide, model, monitors, policy, trainer } from '@mettle/example-flights';
import { hashOfService, serviceDefinition } from '@mettle/feature-language';
import { DAY, LIVE_FROM, shortDate, YEAR_ENDS, dayOf } from './calendar.ts';
import type { DemoClient } from './demoClient.ts';
import type { InferenceClient } from './inferenceClient.ts';
import type { Progress } from './progress.ts';
import type { Rivals } from './rivals.ts';
import { inAnotherUnit } from './sabotage.ts';
import { saveState, type DemoState } from './state.ts';
import { ENDPOINT, labelsOf, observationOf, targetOf, type Timeline } from './timeline.ts';

export interface Story {
  readonly client: DemoClient;
  readonly inference: InferenceClient;
  readonly timeline: Timeline;
  readonly rivals: Rivals;
  readonly progress: Progress;
  readonly state: DemoState;
  readonly folder: string;
  /** Last watermark to live to; the year's end unless a shorter story was asked for. */
  readonly until: number;
}

/** Days on which the story does something beside living. */
const CHANGE_DAY = dayOf(6, 3);
const METRIC_UNITS_DAY = dayOf(9, 17);
const SCALED_TRAINER_DAY = dayOf(10, 15);
const ROLLBACK_FROM = dayOf(11, 8);
const CHANGE_CAUSE = 'wider-features';
const PAST_SHADOW: readonly string[] = ['challenge', 'approve', 'promote', 'bake'];

/** Declares what a user of the platform would declare once. */
export async function declare({ client }: Story): Promise<void> {
  const service = await client.registerService(serviceDefinition(flightLateness));
  await client.registerService(serviceDefinition(flightLatenessWide));
  await declareEndpoint(client, service);
}

/** The endpoint's plan: which recipe a refresh repeats. */
const declareEndpoint = (client: DemoClient, service: string): Promise<unknown> =>
  client.declareEndpoint({
    endpoint: ENDPOINT, clock: 'event', cadence: DAY, policy: Policy.parse(policy), monitors,
    model: { v: 1, model: model.name, task: model.task, service, trainer, holdout: model.holdout, lookback: null, owner: model.owner },
  });

/** Everything known by the end of February, in the order in which it became known. */
export async function importHistory({ client, timeline, progress }: Story): Promise<void> {
  await client.push([{ source: 'planes', events: [...timeline.planes] }]);
  const start = timeline.nextTick(0)! - DAY;
  for (let from = start - 10 * DAY; from < LIVE_FROM; from += DAY) {
    const to = Math.min(from + DAY, LIVE_FROM);
    const { weather, landings } = timeline.known(from, to);
    if (weather.length + landings.length > 0) await client.push([{ source: 'weather', events: weather }, { source: 'landings', events: landings }]);
  }
  const past = timeline.before(LIVE_FROM);
  for (let i = 0; i < past.length; i += 5_000) await client.pushObservations(ENDPOINT, past.slice(i, i + 5_000).map(observationOf));
  const labels = labelsOf(timeline.known(start, LIVE_FROM).landed, targetOf(timeline, LIVE_FROM));
  for (let i = 0; i < labels.length; i += 5_000) await client.pushLabels(ENDPOINT, labels.slice(i, i + 5_000));
  progress.say(`  history: ${past.length} departures, ${labels.length} labels`);
}

/** Trains, registers, qualifies and deploys the first champion. */
export async function firstChampion(story: Story): Promise<void> {
  const { client, progress, state, folder } = story;
  await client.advance(ENDPOINT, LIVE_FROM);
  const first = await client.startLifecycle({ endpoint: ENDPOINT, cause: 'first', kind: 'change', initial: true, note: 'the first champion' });
  if (first.state !== 'done') throw new Error(`the first champion was not deployed: ${first.phase} ${first.state}: ${first.waitsFor}`);
  progress.say(`  first champion: ${versionKey(first.version!)}`);
  state.watermark = LIVE_FROM;
  saveState(folder, state);
}

/** Replays the year from the state's watermark: push what is known, predict what is due, advance once a day. */
export async function liveTheYear(story: Story): Promise<void> {
  const { client, inference, timeline, progress, state, until } = story;
  const label = targetOf(timeline, LIVE_FROM);
  const total = Math.round((until - LIVE_FROM) / DAY);
  progress.start(total);
  let pushed = state.watermark!;
  const pushThrough = async (to: number): Promise<void> => {
    const { weather, landings, landed } = timeline.known(pushed, to);
    const batches = [{ source: 'weather', events: weather }, { source: 'landings', events: landings }].filter((b) => b.events.length > 0);
    const labels = landed.length > 0 ? { endpoint: ENDPOINT, labels: labelsOf(landed, label) } : null;
    if (batches.length > 0 || labels !== null) await client.push(batches, labels);
    pushed = to;
  };

  for (let day = state.watermark!; day < until; day += DAY) {
    const next = day + DAY;
    for (let tick = timeline.nextTick(day); tick !== null && tick < next; tick = timeline.nextTick(tick + 1)) {
      await pushThrough(tick);
      if (state.rollback !== null && state.rollback.ms < 0 && tick > day + DAY / 2) await rollBack(story);
      const due = timeline.due(tick);
      const answer = await inference.predict(tick, due);
      state.served += due.length;
      for (const version of answer.versions) state.servedBy[version] = (state.servedBy[version] ?? 0) + 1;
    }
    await pushThrough(next);
    await interveneBefore(story, next);
    const step = await endDay(story, next);
    progress.day(Math.round((next - LIVE_FROM) / DAY), describe(step, story));
    story.rivals.atWatermark(next);
  }
  progress.stop();
}

/** Advances to `day` and does what people do then. A repetition, after a kill in the middle, gets the same step and repeats nothing. */
export async function endDay(story: Story, day: number): Promise<WatermarkResult> {
  const { client, state, folder } = story;
  const step = await client.advance(ENDPOINT, day);
  await approveAll(story, step);
  await interveneAfter(story, day, step);
  state.watermark = day;
  saveState(folder, state);
  return step;
}

/** The recipe's feature service as of a watermark. */
export const serviceAt = ({ adoptedAt }: DemoState, watermark: number): string =>
  hashOfService(serviceDefinition(adoptedAt !== null && watermark >= adoptedAt ? flightLatenessWide : flightLateness));

/** The approver's part: the same update that a person sends. */
async function approveAll({ client }: Story, step: WatermarkResult): Promise<void> {
  for (const lifecycle of step.lifecycles.filter((l) => l.state === 'approval')) {
    await client.approve(lifecycle.id, 'the evidence is in; approved by the demo');
  }
}

/** Candidates that a person starts: the change of the year, and two that are bad on purpose. */
async function interveneBefore({ client, state, folder, progress }: Story, day: number): Promise<void> {
  const start = async (cause: string, spec: Parameters<DemoClient['startLifecycle']>[0]): Promise<void> => {
    state.sabotage[cause] = (await client.startLifecycle(spec)).id;
    progress.say(`  ${shortDate(day)}: sabotaged candidate '${cause}' enters`);
  };
  if (day === CHANGE_DAY) {
    await client.startLifecycle({ endpoint: ENDPOINT, cause: CHANGE_CAUSE, kind: 'change', service: hashOfService(serviceDefinition(flightLatenessWide)), note: 'five more features' });
  }
  if (day === METRIC_UNITS_DAY) {
    const snapshot = await client.latestSnapshot(ENDPOINT);
    const bytes = await inAnotherUnit(await client.exportSnapshot(snapshot.manifest), `${folder}/notebook`);
    const imported = await client.importSnapshot(ENDPOINT, snapshot.service!, bytes, snapshot.asOf);
    await start('metric-units', { endpoint: ENDPOINT, cause: 'metric-units', kind: 'refresh', snapshot: imported, note: 'trained on a notebook\'s data' });
  }
  if (day === SCALED_TRAINER_DAY) {
    await start('scaled-trainer', { endpoint: ENDPOINT, cause: 'scaled-trainer', kind: 'refresh', trainer: { ...trainer, name: 'lightgbm-scaled' }, note: 'a trainer that scales a column' });
  }
}

/** What the team does with the day's news: adopts a change that won, and exercises the rollback. */
async function interveneAfter({ client, state, progress }: Story, day: number, step: WatermarkResult): Promise<void> {
  const change = step.lifecycles.find((l) => l.cause === CHANGE_CAUSE);
  if (change?.state === 'done') {
    state.adoptedAt = day;
    await declareEndpoint(client, serviceAt(state, day));
    progress.say(`  ${shortDate(day)}: the wider features won; refreshes repeat them from now on`);
  }
  // The rollback takes place on the first day from its date on which no candidate is past shadow.
  const busy = step.lifecycles.some((l) => PAST_SHADOW.includes(l.phase) && !isEnded(l));
  if (state.rollback === null && day >= ROLLBACK_FROM && !busy) {
    const route = await client.route(ENDPOINT);
    if (route.champion !== null && route.warm.length > 0) state.rollback = { version: versionKey(route.champion), day, ms: -1, restored: false };
    return;
  }
  if (state.rollback !== null && state.rollback.ms >= 0 && !state.rollback.restored) {
    await client.promote(ENDPOINT, state.rollback.version, 'the rollback was an exercise');
    state.rollback.restored = true;
    progress.say(`  ${shortDate(day)}: ${state.rollback.version} promoted again`);
  }
}

/** An operator's rollback in the middle of a day, timed from the update to the moment the other version answers. */
async function rollBack({ client, inference, state, progress }: Story): Promise<void> {
  const rollback = state.rollback!;
  const started = performance.now();
  await client.rollBack(ENDPOINT, 'an exercise: operators roll back once a year');
  while ((await inference.champion()) === rollback.version) await new Promise((resolve) => setTimeout(resolve, 2));
  rollback.ms = performance.now() - started;
  progress.say(`  ${shortDate(rollback.day)}: ${rollback.version} rolled back in ${rollback.ms.toFixed(0)} ms`);
}

const isEnded = (l: LifecycleStatus): boolean => !['running', 'waiting', 'approval'].includes(l.state);

function describe(step: WatermarkResult, { rivals }: Story): string {
  const open = step.lifecycles.filter((l) => !isEnded(l)).map((l) => `${l.version === null ? l.cause : versionKey(l.version)} ${l.phase}`);
  const rolling = rivals.rolling();
  const loss = rolling === null ? '' : ` loss ${rolling.managed.toFixed(3)} (frozen ${rolling.frozen.toFixed(3)})`;
  const champion = rivals.champion();
  return `${isoTime(step.watermark).slice(0, 10)}${champion === null ? '' : ` champion ${champion}`}${loss}${open.length > 0 ? ` | ${open.join(', ')}` : ''}`;
}

export const liveUntil = (days: number | null): number => (days === null ? YEAR_ENDS : Math.min(YEAR_ENDS, LIVE_FROM + days * DAY));
