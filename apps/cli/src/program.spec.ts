import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Settings } from '@mettle/contracts';
import { flightLateness } from '@mettle/example-flights';
import { serviceDefinition } from '@mettle/feature-language';
import { openPlatform, startGateway, type OpenPlatform, type RunningGateway } from '@mettle/gateway';
import { run } from './program.ts';

describe('the command line', () => {
  let home: string;
  let open: OpenPlatform;
  let gateway: RunningGateway;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'mettle-cli-'));
    await writeFile(join(home, 'token'), 'a-token-for-tests-only');
    const temporal = new TemporalClient({ connection: Connection.lazy({ address: '127.0.0.1:9', interceptors: [] }) });
    open = await openPlatform({ settings: Settings.parse({ METTLE_HOME: home, METTLE_LOG_LEVEL: 'silent' }), temporal });
    gateway = await startGateway(open.platform, open.plane, { port: 0 });
  });
  afterAll(async () => {
    await gateway.stop();
    await open.close();
    await rm(home, { recursive: true, force: true });
  });

  async function mettle(line: string, env: NodeJS.ProcessEnv = {}) {
    const said = { out: '', err: '' };
    const code = await run(line.split(' '), {
      env: { METTLE_HOME: home, METTLE_GATEWAY_URL: gateway.url, ...env },
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
    });
    return { code, ...said };
  }
  const file = async (name: string, text: string) => {
    const path = join(home, name);
    await writeFile(path, text);
    return path;
  };

  it('answers --help of every noun and verb with 0', async () => {
    const top = await mettle('--help');
    expect([top.code, top.err]).toEqual([0, '']);
    for (const word of ['up', 'demo', 'status', 'score', 'features', 'datasets', 'models', 'endpoints', 'lifecycle', 'decisions', 'incidents', 'monitors']) expect(top.out).toMatch(new RegExp(`^  ${word}`, 'm'));
    for (const noun of ['features', 'datasets', 'models', 'endpoints', 'lifecycle', 'decisions', 'incidents', 'monitors']) {
      const help = await mettle(`${noun} --help`);
      const verbs = [...help.out.slice(help.out.indexOf('Commands:')).matchAll(/^ {2}(\w+) /gm)].map((found) => found[1]!).filter((verb) => verb !== 'help');
      expect(verbs.length).toBeGreaterThan(1);
      for (const verb of verbs) {
        const page = await mettle(`${noun} ${verb} --help`);
        expect([noun, verb, page.code]).toEqual([noun, verb, 0]);
        expect(page.out).toContain('--json');
      }
    }
  });

  it.each(['nope', 'models nope', 'models', 'models versions', 'models list --bogus', 'models list too many', 'endpoints served flights notatime', 'endpoints advance flights 0', 'endpoints advance flights 2013', 'models lineage flights', 'features read x --at soon', 'score flights flights@1', 'score flights flights@1 --from 2013-06-01', 'score flights flights@1 --spine a.parquet --snapshot b', 'score flights flights --snapshot b'])(
    'says how for a wrong command line: %s',
    async (line) => {
      const { code, err, out } = await mettle(line);
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(/error: |Usage: /);
    },
  );

  it('says its version', async () => {
    expect(await mettle('--version')).toEqual({ code: 0, out: '0.1.0\n', err: '' });
  });

  it('prints a refusal as code, message and hint, with 1', async () => {
    expect(await mettle('models versions nope')).toEqual({ code: 1, out: '', err: "error UNKNOWN_MODEL: no model is named 'nope'\n  list the models to see the names\n" });
    const badFile = await mettle(`features register ${await file('bad.json', '{')}`);
    expect([badFile.code, badFile.err.split(':')[0]]).toEqual([1, 'error INVALID_INPUT']);
    expect((await mettle('features register /nowhere.json')).err).toContain('error INVALID_INPUT: /nowhere.json');
  });

  it('uploads a spine, and says what is wrong with it', async () => {
    const spine = await file('spine.parquet', 'PAR1');
    expect(await mettle(`score nowhere flights@1 --spine ${spine}`)).toEqual({ code: 1, out: '', err: "error UNKNOWN_ENDPOINT: no endpoint is named 'nowhere'\n  declare the endpoint first\n" });
    expect((await mettle(`score nowhere flights@1 --spine ${join(home, 'missing.parquet')}`)).err).toMatch(/^error INVALID_INPUT: .*missing\.parquet/);
  });

  it('names the address at which no gateway answers, and the token that it lacks', async () => {
    const silent = await mettle('status', { METTLE_GATEWAY_URL: 'http://127.0.0.1:9' });
    expect([silent.code, silent.out]).toEqual([1, '']);
    expect(silent.err).toContain('error UNAVAILABLE: no gateway answers at http://127.0.0.1:9 (ECONNREFUSED)');
    const tokenless = await mettle('status', { METTLE_HOME: join(home, 'elsewhere') });
    expect(tokenless.err).toMatch(/^error UNAUTHENTICATED: no token: .*elsewhere\/token is not there/);
    expect((await mettle('status', { METTLE_TOKEN: 'somebody-else-entirely' })).err).toBe('error UNAUTHENTICATED: the gateway does not know this token\n  send the token: Authorization: Bearer ...\n');
    for (const text of ['', 'secret\nsecret', 'secret\u0000', 'sécret€']) {
      const path = await file('corrupt', text);
      const corrupt = await mettle('status', { METTLE_TOKEN_FILE: path });
      expect(corrupt.err.split('\n')[0]).toBe(`error UNAUTHENTICATED: ${path} holds no token: one word of printable ASCII`);
    }
    expect((await mettle('status', { METTLE_TOKEN: '{"v":1}' })).err).toContain('METTLE_TOKEN holds the tokens of many');
  });

  it('registers, pushes, reads and lists: tables for people, JSON for programs', async () => {
    const definition = await file('service.json', JSON.stringify(serviceDefinition(flightLateness)));
    expect((await mettle(`features register ${definition}`)).out).toMatch(/^registered: [0-9a-f]{64}\n$/);
    expect((await mettle(`features register ${definition}`)).out).toMatch(/^known already/);
    const list = await mettle('features list');
    expect(list.out.split('\n')[0]).toMatch(/^service +hash +features +keys +sources +registered$/);
    expect(list.out).toContain('flight_lateness');
    const services = JSON.parse((await mettle('features list --json')).out) as { name: string }[];
    expect(services.map((service) => service.name)).toEqual(['flight_lateness']);

    const plane = { eventId: 'N1', keys: { plane: 'N1' }, values: { year: 1999, seats: 100 }, eventTime: 1, publishedAt: 1 };
    const events = await file('planes.jsonl', [plane, { ...plane, eventId: 'N2', keys: { plane: 'N2' } }, plane].map((one) => JSON.stringify(one)).join('\n'));
    expect((await mettle(`features push planes ${events}`)).out).toBe('accepted 2, duplicates 1, position 2\n');
    const broken = await mettle(`features push planes ${await file('broken.jsonl', `${JSON.stringify(plane)}\n{`)}`);
    expect([broken.code, broken.err]).toEqual([1, expect.stringMatching(/^error INVALID_INPUT: .*broken.jsonl:2/) as string]);
    expect((await mettle('models create flights --description late')).out).toBe('created flights\n');
    expect((await mettle('models list')).out).toMatch(/^model +versions .*\nflights +0 .* late\n$/s);
    expect((await mettle('endpoints list')).out).toBe('none\n');
    expect((await mettle('status')).out).toMatch(/^platform +ready\ndatabase +up\nonlineStore +up\ntemporal +down\n\nno endpoints\n$/);
  });
});
