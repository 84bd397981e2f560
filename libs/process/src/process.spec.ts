import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MettleError } from '@mettle/contracts';
import { createComplaints } from './complaints.ts';
import { explain } from './explain.ts';
import { gatewayAddress, showToken } from './gateway-address.ts';
import { listenFailure } from './listen-failure.ts';
import { ownFolder } from './own-folder.ts';
import { readTokens } from './tokens.ts';
import { within } from './within.ts';

const away = (): MettleError => new MettleError('UNAVAILABLE', 'the thing does not answer');
const folder = (): string => mkdtempSync(join(tmpdir(), 'mettle-process-'));

describe('explain', () => {
  it('says what went wrong and what to do, in two lines', () => {
    expect(explain(away())).toBe('error UNAVAILABLE: the thing does not answer\n  a dependency does not answer: see the health page\n');
  });
  it('tells who set a variable to correct it', () => {
    const of = (code: 'INVALID_INPUT' | 'UNAVAILABLE' | 'PORT_IN_USE') => explain(new MettleError(code, 'x', { setting: 'METTLE_HOME' })).split('\n')[1];
    expect([of('INVALID_INPUT'), of('UNAVAILABLE')]).toEqual(['  correct METTLE_HOME and start again', '  start what does not answer, or correct METTLE_HOME']);
    expect(of('PORT_IN_USE')).toContain('stop the holder');
  });
  it('says of an untyped error what its cause says, and shows where only when asked', () => {
    const error = new Error('a query failed', { cause: new Error('the disk is full') });
    expect(explain(error)).toBe('error INTERNAL: the disk is full\n  METTLE_LOG_LEVEL=debug shows where\n');
    expect(explain(error, { stack: true })).toMatch(/\n\s+at /);
    expect(explain('thrown text')).toContain('thrown text');
  });
});

describe('within', () => {
  it('repeats what is unavailable until it answers, and tells once', async () => {
    let [calls, told] = [0, 0];
    const answer = await within(30, () => ((calls += 1) < 3 ? Promise.reject(away()) : Promise.resolve('here')), () => (told += 1));
    expect([answer, calls, told]).toEqual(['here', 3, 1]);
  });
  it('gives up after its time with the last failure', async () => {
    await expect(within(0.05, () => Promise.reject(away()))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(within(0, () => Promise.reject(away()))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
  it.each([new MettleError('INVALID_INPUT', 'wrong'), new Error('a defect')])('does not repeat what is wrong: %s', async (error) => {
    let calls = 0;
    await expect(within(30, () => ((calls += 1), Promise.reject(error)))).rejects.toBe(error);
    expect(calls).toBe(1);
  });
});

describe('ownFolder', () => {
  it('makes a folder for its owner alone', () => {
    const path = join(folder(), 'a', 'b');
    expect(ownFolder(path, 'METTLE_HOME')).toBe(path);
    expect((statSync(path).mode & 0o777).toString(8)).toBe('700');
  });
  it('names the setting and the place when it cannot, in /proc and in a file too', () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    for (const path of ['/proc/nope/run', join(file, 'run'), file]) {
      expect(() => ownFolder(path, 'METTLE_HOME')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', data: { setting: 'METTLE_HOME', path } }) as Error);
    }
    expect(readFileSync(file, 'utf8')).toBe('');
    const again = join(folder(), 'a', 'b');
    expect([ownFolder(again, 'METTLE_HOME'), ownFolder(again, 'METTLE_HOME')]).toEqual([again, again]);
  });
});

describe('listenFailure', () => {
  const where = { host: '192.0.2.1', port: 7410, setting: 'METTLE_GATEWAY_PORT' };
  it.each([['EADDRINUSE', 'PORT_IN_USE'], ['EACCES', 'INVALID_INPUT'], ['EADDRNOTAVAIL', 'INVALID_INPUT'], ['ENOTFOUND', 'INVALID_INPUT']])('%s', (code, typed) => {
    expect(listenFailure(Object.assign(new Error('x'), { code }), where)).toMatchObject({ code: typed, data: { port: 7410, setting: 'METTLE_GATEWAY_PORT' } });
  });
  it('leaves what it does not know as it is', () => {
    const error = new Error('x');
    expect(listenFailure(error, where)).toBe(error);
  });
});

describe('readTokens', () => {
  const file = (text: string): string => {
    const path = join(folder(), 'token');
    writeFileSync(path, text);
    return path;
  };
  const entry = (token: string, ...roles: string[]) => ({ token, principal: { id: token.slice(0, 2), kind: 'service', roles } });
  const [viewer, platform] = ['viewer-'.repeat(3), 'platform-'.repeat(3)];

  it('takes a plain token', () => expect(readTokens(file(`${platform}\n`))).toEqual({ accepted: [platform], own: platform }));
  it('takes the tokens of many, and speaks with one that the gateway lets in', () => {
    expect(readTokens(file(JSON.stringify({ v: 1, tokens: [entry(viewer, 'viewer'), entry(platform, 'platform')] })))).toEqual({ accepted: [viewer, platform], own: platform });
  });
  it.each(['short', 'two words of a secret', '{', JSON.stringify({ v: 1, tokens: [entry('secret', 'admin')] }), JSON.stringify({ v: 1, tokens: [entry(viewer, 'viewer')] })])('refuses what it cannot use, and does not repeat it: %s', (text) => {
    const refused = () => readTokens(file(text));
    expect(refused).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED', data: expect.objectContaining({ setting: 'METTLE_TOKEN_FILE' }) as object }) as Error);
    expect(refused).not.toThrow(/secret|viewer-/);
  });
  it('says which file is not there', () => expect(() => readTokens('/nowhere/token')).toThrow(/no token at \/nowhere\/token/));
});

describe('createComplaints', () => {
  it('says each thing once a minute, in one line, and all of it at debug', () => {
    const [warned, debugged]: [string[], string[]] = [[], []];
    const complain = createComplaints({ warn: (_fields, text) => warned.push(text), debug: (_fields, text) => debugged.push(text) });
    for (let i = 0; i < 3; i += 1) complain('no store', away());
    complain('no store', new Error('another reason'));
    expect(warned).toEqual(['no store: the thing does not answer', 'no store: another reason']);
    expect(debugged).toHaveLength(4);
  });
});

describe('the gateway of a process', () => {
  it('has an address', () => {
    expect(gatewayAddress('http://gateway:7410/')).toBe('http://gateway:7410');
    for (const url of ['gateway:7410', '', 'ftp://gateway', 'http://']) expect(() => gatewayAddress(url)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }) as Error);
  });
  it.each([[200, true], [503, true], [401, null], [403, null]])('that answers a token with %i', async (status, seen) => {
    const sent: unknown[] = [];
    const server = createServer((request, response) => (sent.push(request.headers.authorization), response.writeHead(status).end())).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const asked = showToken(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'mine');
    if (seen === null) await expect(asked).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    else expect(await asked).toBe(seen);
    expect(sent).toEqual(['Bearer mine']);
    server.close();
  });
  it('may be away', async () => expect(await showToken('http://127.0.0.1:9', 'mine')).toBe(false));
});
