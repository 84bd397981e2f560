import { connect } from 'node:net';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InferenceServer } from '../server.ts';
import { call, column, ENDPOINT, infer, inputs, openWorld, TOKEN, type Input, type World } from '../testing/world.ts';

let world: World;
let server: InferenceServer;
beforeAll(async () => {
  world = await openWorld();
  await world.addVersion(1, 'tree.onnx');
  world.decide('deploy', 1);
  server = await world.start();
  await world.served();
});
afterAll(() => world.close());

const INFER = `/v2/models/${ENDPOINT}/infer`;
const changed = (name: string, change: Partial<Input>): { inputs: Input[] } => ({ inputs: inputs(2).map((input) => (input.name === name ? { ...input, ...change } : input)) });
const text = (body: unknown, from: string, to: string): string => JSON.stringify(body).replace(from, to);

/** Speaks raw HTTP: what the server said, how much it took, and whether it ended the connection. */
function raw(head: string, body: Buffer, repeat: number): Promise<{ reply: string; sent: number }> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve) => {
    let reply = '';
    let sent = 0;
    const socket = connect(Number(port), hostname, () => {
      socket.write(head);
      const pump = (): void => {
        while (sent < repeat && !socket.destroyed) {
          sent += 1;
          if (!socket.write(body)) return void socket.once('drain', pump);
        }
      };
      pump();
    });
    socket.on('data', (chunk) => (reply += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ reply, sent: socket.bytesWritten }));
  });
}
const head = (...lines: string[]): string => [`POST ${INFER} HTTP/1.1`, 'host: 127.0.0.1', 'content-type: application/json', ...lines, '', ''].join('\r\n');
const MEGABYTE = Buffer.alloc(1024 * 1024, 0x20);

describe('a bad request', () => {
  it.each<[string, unknown, number, string]>([
    ['a wrong shape', changed('distance', { shape: [3] }), 400, 'SHAPE_MISMATCH'],
    ['a wrong type', changed('distance', { data: ['far', 1] }), 400, 'TYPE_MISMATCH'],
    ['a wrong datatype', changed('distance', { datatype: 'BYTES' }), 400, 'TYPE_MISMATCH'],
    ['an unknown input', { inputs: [...inputs(2), column('gate', 'BYTES', ['a', 'b'])] }, 400, 'UNKNOWN_COLUMN'],
    ['an entity without its key', { inputs: inputs(2).filter(({ name }) => name !== 'origin') }, 400, 'UNKNOWN_ENTITY'],
    ['no T', { inputs: inputs(2).filter(({ name }) => name !== 'at') }, 400, 'INVALID_INPUT'],
    ['NaN as Python writes it', text(changed('distance', { data: [1.5, 2] }), '1.5', 'NaN'), 400, 'NOT_A_NUMBER'],
    ['an infinity as Python writes it', text(changed('distance', { data: [1.5, 2] }), '1.5', '-Infinity'), 400, 'NOT_A_NUMBER'],
    ['a number beyond doubles', text(changed('distance', { data: [1.5, 2] }), '1.5', '1e999'), 400, 'NOT_A_NUMBER'],
    ['half a body', '{"inputs": [', 400, 'INVALID_INPUT'],
    ['no object', '"inputs"', 400, 'INVALID_INPUT'],
    ['nothing', '', 400, 'INVALID_INPUT'],
    ['too many rows', { inputs: inputs(10_001) }, 413, 'TOO_LARGE'],
    ['an id of another type', { id: 7, inputs: inputs(1) }, 400, 'INVALID_INPUT'],
  ])('with %s gets a typed error', async (_, body, status, code) => {
    const reply = await infer(server, body);
    expect([reply.status, reply.body.code]).toEqual([status, code]);
    expect(typeof reply.body.error).toBe('string');
  });

  it('names an unknown model, version or address', async () => {
    expect((await call(server.url, 'POST', '/v2/models/nobody/infer', { inputs: inputs(1) })).body.code).toBe('UNKNOWN_ENDPOINT');
    expect((await call(server.url, 'POST', `/v2/models/${ENDPOINT}/versions/9/infer`, { inputs: inputs(1) })).body.code).toBe('UNKNOWN_VERSION');
    expect((await call(server.url, 'GET', '/v2/repository/index')).body.code).toBe('NOT_FOUND');
    expect((await call(server.url, 'GET', '/v2/models/__proto__')).body.code).toBe('UNKNOWN_ENDPOINT');
  });

  it('with another content type or bytes that are no text is refused', async () => {
    const reply = await request(`${server.url}${INFER}`, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'text/plain' }, body: 'x' });
    expect([reply.statusCode, ((await reply.body.json()) as { code: string }).code]).toEqual([400, 'INVALID_INPUT']);
    const bytes = await request(`${server.url}${INFER}`, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }, body: Buffer.from([0x22, 0xff, 0x22]) });
    expect(((await bytes.body.json()) as { code: string }).code).toBe('INVALID_INPUT');
  });

  it('leaves nothing in the log', async () => {
    expect(await world.logged()).toEqual([]);
    expect((await infer(server, { id: 'good', inputs: inputs(1) })).status).toBe(200);
    expect(await world.logged()).toHaveLength(2);
  });
});

describe('the door', () => {
  it('asks for the token everywhere but for health', async () => {
    for (const [method, path] of [['GET', '/v2'], ['GET', '/v2/stats'], ['GET', `/v2/models/${ENDPOINT}`], ['GET', `/v2/models/${ENDPOINT}/ready`], ['POST', INFER], ['GET', '/nowhere']] as const) {
      for (const authorization of ['', 'Bearer ', `Bearer ${TOKEN}x`, TOKEN]) {
        const reply = await call(server.url, method, path, method === 'POST' ? { inputs: inputs(1) } : undefined, { authorization });
        expect([path, reply.status, reply.body.code]).toEqual([path, 401, 'UNAUTHENTICATED']);
      }
    }
    for (const path of ['/v2/health/live', '/v2/health/ready']) expect((await call(server.url, 'GET', path, undefined, { authorization: '' })).status).toBe(200);
  });

  it('refuses names that are not its own, as a rebound web page would send them', async () => {
    const { port } = new URL(server.url);
    expect((await call(server.url, 'GET', '/v2', undefined, { host: 'evil.example' })).body.code).toBe('FORBIDDEN');
    expect((await call(server.url, 'GET', '/v2', undefined, { origin: 'https://evil.example' })).body.code).toBe('FORBIDDEN');
    expect((await call(server.url, 'GET', '/v2', undefined, { host: `localhost:${port}`, origin: `http://localhost:${port}` })).status).toBe(200);
  });

  it.each([100, 1_000_000])('answers 413 to %i megabytes by their length, and does not read them', async (megabytes) => {
    const { reply, sent } = await raw(head(`authorization: Bearer ${TOKEN}`, `content-length: ${megabytes * MEGABYTE.length}`), MEGABYTE, 100);
    expect(reply).toMatch(/^HTTP\/1\.1 413 /);
    expect(reply).toContain('TOO_LARGE');
    expect(sent).toBeLessThan(20 * MEGABYTE.length);
  });

  it('stops reading a body of unknown length at its limit', async () => {
    const chunk = Buffer.concat([Buffer.from(`${MEGABYTE.length.toString(16)}\r\n`), MEGABYTE, Buffer.from('\r\n')]);
    const { reply, sent } = await raw(head(`authorization: Bearer ${TOKEN}`, 'transfer-encoding: chunked'), chunk, 100);
    expect(reply).toMatch(/^HTTP\/1\.1 413 /);
    expect(sent).toBeLessThan(40 * MEGABYTE.length);
  });

  it('does not read what a stranger sends', async () => {
    const { reply, sent } = await raw(head(`content-length: ${15 * MEGABYTE.length}`), MEGABYTE, 15);
    expect(reply).toMatch(/^HTTP\/1\.1 401 /);
    expect(sent).toBeLessThan(15 * MEGABYTE.length);
  });

  it('says nothing of a defect', async () => {
    const blind = await world.start({ server: 's2', now: () => { throw new TypeError('secret'); } });
    await world.gateway.lease(ENDPOINT, ({ epoch }) => epoch === 1);
    let reply = await infer(blind, { inputs: inputs(1) });
    while (reply.body.code === 'UNKNOWN_ENDPOINT' || reply.body.code === 'MODEL_UNAVAILABLE') reply = await infer(blind, { inputs: inputs(1) });
    expect([reply.status, reply.body.code, reply.body.error]).toEqual([500, 'INTERNAL', 'internal error']);
    expect(reply.text).not.toContain('secret');
    expect(world.errors.some(({ error }) => String(error).includes('secret'))).toBe(true);
  });
});

describe('a start', () => {
  it('on a port in use names the port and its setting', async () => {
    const port = Number(new URL(server.url).port);
    await expect(world.start({ settings: world.settings({ METTLE_INFERENCE_PORT: port }), server: 's3' })).rejects.toMatchObject({ code: 'PORT_IN_USE', data: { port, setting: 'METTLE_INFERENCE_PORT' } });
  });

  it('beyond loopback without a token of one\'s own is refused', async () => {
    await expect(world.start({ settings: world.settings({ METTLE_HOST: '0.0.0.0' }), server: 's3' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
