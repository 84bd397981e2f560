import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import type { AlertChannel, Incident } from '@mettle/contracts';
import { deliverAlert } from './deliver-alert.ts';
import { signWebhook, verifyWebhook } from './webhook.ts';

const incident: Incident = {
  v: 1, incidentId: 'performance-20130412T000000-abcdef', endpoint: 'lateness', version: { model: 'm', version: 3 }, monitor: 'loss', kind: 'performance', metric: 'log_loss', segment: null,
  state: 'open', openedAt: 1_365_724_800_000_000, closedAt: null, numbers: { value: 0.08, threshold: 0.03, breaches: 3, of: 4 }, evidence: 'a'.repeat(64), acknowledgedBy: null,
  suspects: [{ kind: 'feature', name: 'wind <knots>', since: 1_365_638_400_000_000, share: 0.7, owner: 'met-team' }],
};

const ends: (() => Promise<void>)[] = [];
afterEach(async () => { for (const end of ends.splice(0)) await end(); });

interface Received { headers: IncomingHttpHeaders; body: string }
async function receiver(statuses: number[]): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => { body += part.toString(); });
    request.on('end', () => { received.push({ headers: request.headers, body }); response.writeHead(statuses.shift() ?? 200, { location: '/elsewhere' }).end(); });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  ends.push(() => new Promise((done) => { server.closeAllConnections(); server.close(() => done()); }));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
}
const secret = 'a-secret-of-the-operator';
const webhook = (url: string): AlertChannel => ({ kind: 'webhook', name: 'pager', url, secret });

describe('webhook', () => {
  it('is signed over id, timestamp and body; a changed byte or another secret does not verify', async () => {
    const { url, received } = await receiver([200]);
    await deliverAlert(webhook(url), incident, 'opened', 1_700_000_000_123);
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    const signed = { id: String(headers['webhook-id']), timestamp: Number(headers['webhook-timestamp']), signature: String(headers['webhook-signature']) };
    expect(signed.id).toBe('performance-20130412T000000-abcdef.opened');
    expect(signed.timestamp).toBe(1_700_000_000);
    expect(verifyWebhook(secret, signed, body)).toBe(true);
    expect(verifyWebhook(secret, signed, `${body} `)).toBe(false);
    expect(verifyWebhook('another-secret-of-it', signed, body)).toBe(false);
    expect(verifyWebhook(secret, { ...signed, timestamp: signed.timestamp + 1 }, body)).toBe(false);
    expect(JSON.parse(body)).toMatchObject({ type: 'incident.opened', data: { incident: { incidentId: incident.incidentId } } });
  });

  it('signs as the Standard Webhooks reference does', () => {
    expect(signWebhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}')).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('says whether a retry may help', async () => {
    const { url } = await receiver([503, 429, 400, 302]);
    for (const code of ['UNAVAILABLE', 'UNAVAILABLE', 'INVALID_INPUT', 'INVALID_INPUT']) await expect(deliverAlert(webhook(url), incident, 'opened')).rejects.toMatchObject({ code });
    await deliverAlert(webhook(url), incident, 'opened');
    await expect(deliverAlert(webhook('http://127.0.0.1:1/'), incident, 'closed')).rejects.toMatchObject({ code: 'UNAVAILABLE', data: { channel: 'pager' } });
  });
});

describe('slack', () => {
  it('posts text and blocks, with its reserved characters escaped', async () => {
    const { url, received } = await receiver([200]);
    await deliverAlert({ kind: 'slack', name: 'room', url }, incident, 'closed');
    const message = JSON.parse(received[0]?.body ?? '{}') as { text: string; blocks: { text: { text: string } }[] };
    expect(message.text).toContain('incident closed');
    expect(message.blocks[1]?.text.text).toContain('wind &lt;knots&gt;: 70 %');
  });
});

describe('smtp', () => {
  it('mails the story; a refused recipient is final, a busy server is not', async () => {
    const mails: string[] = [];
    let refusal: { code: number } | null = null;
    const server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      onRcptTo: (_address, _session, done) => done(refusal === null ? null : Object.assign(new Error('no'), { responseCode: refusal.code })),
      onData: (stream, _session, done) => { let text = ''; stream.on('data', (part: Buffer) => { text += part.toString(); }); stream.on('end', () => { mails.push(text); done(); }); },
    });
    server.on('error', () => undefined);
    await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
    ends.push(() => new Promise((done) => { server.close(done); }));
    const channel: AlertChannel = { kind: 'smtp', name: 'mail', host: '127.0.0.1', port: (server.server.address() as AddressInfo).port, from: 'mettle@example.org', to: ['ops@example.org'], secure: false };
    await deliverAlert(channel, incident, 'opened');
    expect(mails[0]).toContain('Subject: [Mettle] lateness: performance incident opened');
    expect(mails[0]).toContain('Message-ID: <performance-20130412T000000-abcdef.opened@mettle>');
    expect(mails[0]?.replaceAll('=\r\n', '')).toContain('owner met-team');
    refusal = { code: 550 };
    await expect(deliverAlert(channel, incident, 'opened')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    refusal = { code: 451 };
    await expect(deliverAlert(channel, incident, 'opened')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(deliverAlert({ ...channel, port: 1 }, incident, 'opened')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
