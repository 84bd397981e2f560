import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AlertChannel, Incident } from '@mettle/contracts';
import { story } from './news.ts';
import type { News } from './news.ts';
import { post } from './post.ts';

const keyOf = (secret: string): Buffer => (secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret, 'utf8'));

/** `v1,<base64>`: HMAC-SHA256 over `id.timestamp.body`, as in the Standard Webhooks specification. */
export const signWebhook = (secret: string, id: string, timestamp: number, body: string): string => `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`;

/** For receivers and tests: constant-time check of a `webhook-signature` header (space-separated signatures). */
export function verifyWebhook(secret: string, headers: { id: string; timestamp: number; signature: string }, body: string): boolean {
  const expected = Buffer.from(signWebhook(secret, headers.id, headers.timestamp, body));
  return headers.signature.split(' ').some((one) => Buffer.byteLength(one) === expected.length && timingSafeEqual(Buffer.from(one), expected));
}

/** Posts an incident's news signed. `webhook-id` is the same on every retry, so a receiver can tell a repeat. */
export async function sendWebhook(channel: Extract<AlertChannel, { kind: 'webhook' }>, incident: Incident, news: News, id: string, nowMs: number): Promise<void> {
  const body = JSON.stringify({ type: `incident.${news}`, timestamp: new Date(nowMs).toISOString(), data: { incident, text: story(incident, news) } });
  const timestamp = Math.floor(nowMs / 1000);
  await post(channel.name, channel.url, { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signWebhook(channel.secret, id, timestamp, body) }, body);
}
