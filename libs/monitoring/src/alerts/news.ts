import { isoTime, versionKey } from '@mettle/contracts';
import type { Incident } from '@mettle/contracts';

export type News = 'opened' | 'reminded' | 'closed';

const number = (value: number | null | undefined): string => (value === null || value === undefined ? 'unknown' : String(Number(value.toPrecision(4))));

/** One line: what happened where. */
export const headline = (incident: Incident, news: News): string =>
  `[Mettle] ${incident.endpoint}: ${incident.kind}${incident.segment === null ? '' : ` where ${incident.segment}`} ${news === 'opened' ? 'incident opened' : news === 'closed' ? 'incident closed' : 'incident is still open'}`;

/** The incident in plain text: numbers, version, ranked suspects with their owners. */
export function story(incident: Incident, news: News): string {
  const { numbers } = incident;
  const lines = [
    headline(incident, news),
    `${incident.metric} ${number(numbers.value)} against a threshold of ${number(numbers.threshold)} (monitor ${incident.monitor}, ${number(numbers.breaches)} of the last ${number(numbers.of)} results beyond it).`,
    `Champion ${versionKey(incident.version)}. Opened at watermark ${isoTime(incident.openedAt)}${incident.closedAt === null ? '' : `, closed at ${isoTime(incident.closedAt)}`}.`,
    ...(incident.suspects.length > 0 ? ['Suspects:'] : ['No suspect is known.']),
    ...incident.suspects.map((suspect) => `- ${suspect.kind} ${suspect.name}: ${number(suspect.share * 100)} %, since ${isoTime(suspect.since)}, owner ${suspect.owner}`),
    `Incident ${incident.incidentId}.`,
  ];
  return lines.join('\n');
}
