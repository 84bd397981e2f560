import { MettleError } from '@mettle/contracts';
import type { AlertChannel, Incident } from '@mettle/contracts';
import { createTransport } from 'nodemailer';
import { headline, story } from './news.ts';
import type { News } from './news.ts';

/**
 * Mails an incident's news; the Message-ID is the same on every retry, so that servers can drop a repeat.
 * @throws MettleError UNAVAILABLE (no answer or a 4xx reply: a retry may help), INVALID_INPUT (a 5xx reply)
 */
export async function sendMail(channel: Extract<AlertChannel, { kind: 'smtp' }>, incident: Incident, news: News, id: string): Promise<void> {
  const transport = createTransport({ host: channel.host, port: channel.port, secure: channel.secure, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 });
  try {
    await transport.sendMail({ from: channel.from, to: channel.to, subject: headline(incident, news), text: story(incident, news), messageId: `<${id}@mettle>`, disableFileAccess: true, disableUrlAccess: true });
  } catch (cause) {
    const reply = (cause as { responseCode?: number }).responseCode ?? 0;
    throw reply >= 500
      ? new MettleError('INVALID_INPUT', `channel '${channel.name}' refused the message with ${reply}`, { channel: channel.name, reply }, { cause })
      : new MettleError('UNAVAILABLE', `channel '${channel.name}' does not take mail now`, { channel: channel.name, reply }, { cause });
  } finally {
    transport.close();
  }
}
