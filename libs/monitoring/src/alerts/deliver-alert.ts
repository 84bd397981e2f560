import type { AlertChannel, Incident } from '@mettle/contracts';
import type { News } from './news.ts';
import { sendSlack } from './slack.ts';
import { sendMail } from './smtp.ts';
import { sendWebhook } from './webhook.ts';

/** The id of one piece of news, the same on every attempt. */
export const newsId = (incident: Incident, news: News): string => `${incident.incidentId}.${news}`;

/**
 * Delivers an incident's news to one channel, once per call: a durable workflow retries.
 * @param nowMs wall clock of the signature, ms
 * @throws MettleError UNAVAILABLE (retry), INVALID_INPUT (the receiver refuses: do not retry)
 */
export async function deliverAlert(channel: AlertChannel, incident: Incident, news: News, nowMs: number = Date.now()): Promise<void> {
  const id = newsId(incident, news);
  if (channel.kind === 'webhook') await sendWebhook(channel, incident, news, id, nowMs);
  else if (channel.kind === 'slack') await sendSlack(channel, incident, news);
  else await sendMail(channel, incident, news, id);
}
