import { allHandlersFinished, condition, isCancellation, setHandler } from '@temporalio/workflow';
import { IncidentStart, versionKey, type Incident } from '@mettle/contracts';
import { control, local } from './activities.ts';
import { parsed, refusal } from './failures.ts';
import { acknowledge, close, incidentClosed, incidentStatus, type IncidentStatus, type Word } from './messages.ts';
import { createSign, moment } from './visibility.ts';

/** How long a channel that refuses is tried, before the incident goes on without it. */
const DELIVERY_LIMIT = '24 hours';

/** Carries an incident's news to every channel and reminds while nobody has seen it. Whether it is open is the fold's to say. */
export async function incident(input: IncidentStart): Promise<IncidentStatus> {
  const start = parsed(IncidentStart, input);
  const show = createSign();
  let current = start.incident;
  let reminders = 0;
  const delivered: Record<string, string[]> = {};
  const undelivered: Record<string, string[]> = {};
  const snapshot = (): IncidentStatus => ({ incident: current, delivered, undelivered, reminders });
  const attended = (): boolean => current.state !== 'open';
  const sign = (waits: string): void =>
    show({ MettleEndpoint: current.endpoint, MettleVersion: versionKey(current.version), MettlePhase: current.state }, describe(current, waits));

  const deliver = async (news: 'opened' | 'reminded' | 'closed'): Promise<void> => {
    const { channels } = await local('which channels').channels({});
    const nth = news === 'reminded' ? `/${reminders}` : '';
    await Promise.all(channels.map(async (channel) => {
      try {
        await control(`tell ${channel}: ${news}`, [], DELIVERY_LIMIT).notify({ key: `${current.incidentId}/${news}${nth}/${channel}`, incident: current, channel, news });
        (delivered[news] ??= []).push(channel);
      } catch (error) {
        if (isCancellation(error)) throw error;
        (undelivered[news] ??= []).push(channel);
      }
    }));
  };

  setHandler(incidentStatus, snapshot, { description: 'who has been told what' });
  setHandler(incidentClosed, (closed) => { current = closed; }, { description: 'the evidence closed it' });
  setHandler(acknowledge, async (word: Word) => {
    const seen = await local('record the acknowledgement').acknowledgeIncident({ incidentId: current.incidentId, by: word.by.id });
    if (current.state !== 'closed') current = seen;
    return snapshot();
  }, { validator: (_word) => stillOpen(current), description: 'a person has seen it: no more reminders' });
  setHandler(close, (word: Word) => {
    current = { ...current, state: 'closed', acknowledgedBy: current.acknowledgedBy ?? word.by.id };
    return Promise.resolve(snapshot());
  }, { validator: (_word) => stillOpen(current), description: 'ends the reminders; the evidence may open another' });

  sign('delivery to the channels');
  await deliver('opened');
  sign('an acknowledgement, or for the evidence to close it');
  for (let pause = start.remindAfter; reminders < start.reminders && !(await condition(attended, pause)); pause = start.remindEvery) {
    reminders++;
    await deliver('reminded');
  }
  sign('the evidence to close it');
  await condition(() => current.state === 'closed');
  await deliver('closed');
  sign('nothing: it is closed');
  await condition(allHandlersFinished);
  return snapshot();
}

function stillOpen(current: Incident): void {
  if (current.state === 'closed') throw refusal('INVALID_TRANSITION', `incident '${current.incidentId}' is closed`, { incidentId: current.incidentId });
}

function describe(current: Incident, waits: string): string {
  const lines = [`**${current.monitor}** on ${current.endpoint} (${versionKey(current.version)}): ${current.metric}${current.segment === null ? '' : ` in ${current.segment}`}, ${current.state} since ${moment(current.openedAt)}`];
  for (const suspect of current.suspects.slice(0, 5)) lines.push(`- ${suspect.kind} ${suspect.name} (${suspect.owner}): ${Math.round(suspect.share * 100)} %`);
  return [...lines, '', `Waits for ${waits}.`].join('\n');
}
