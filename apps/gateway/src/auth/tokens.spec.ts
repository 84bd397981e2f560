import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTokens } from './tokens.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'mettle-tokens-'));
const entry = { token: 'a'.repeat(20), principal: { id: 'bo', kind: 'service', roles: ['viewer'] } };

describe('tokens', () => {
  it('makes an admin token that only its owner can read, once', () => {
    const home = folder();
    const file = join(home, 'deep', 'token');
    loadTokens(null, join(home, 'deep'));
    const token = readFileSync(file, 'utf8').trim();
    expect([token.length, (statSync(file).mode & 0o777).toString(8)]).toEqual([64, '600']);
    const who = loadTokens(null, join(home, 'deep'));
    expect(readFileSync(file, 'utf8').trim()).toBe(token);
    expect(who(`Bearer ${token}`)).toMatchObject({ id: 'admin', roles: ['admin'] });
  });

  it('knows principals by exactly their token', () => {
    const home = folder();
    writeFileSync(join(home, 'tokens.json'), JSON.stringify({ v: 1, tokens: [entry] }));
    const who = loadTokens(null, home);
    expect(who(`Bearer ${entry.token}`)).toMatchObject({ id: 'bo', roles: ['viewer'] });
    for (const sent of [undefined, '', 'Bearer', 'Bearer ', `Bearer ${entry.token}a`, `Bearer ${entry.token.slice(1)}`, entry.token, `Basic ${entry.token}`]) expect(who(sent)).toBeNull();
  });

  it('takes a file of tokens for the token file itself: then nobody is admin by default', () => {
    const file = join(folder(), 'token');
    writeFileSync(file, JSON.stringify({ v: 1, tokens: [entry] }));
    expect(loadTokens(file, folder())(`Bearer ${entry.token}`)?.id).toBe('bo');
  });

  it('makes none where one was configured', () => {
    const file = join(folder(), 'token');
    expect(() => loadTokens(file, folder())).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }) as Error);
    expect(existsSync(file)).toBe(false);
  });

  it.each(['short', `${'secret '.repeat(5)}`, `${'a'.repeat(20)}\nsecret`, '{', '{"v":1,"tokens":[]}', JSON.stringify({ v: 1, tokens: [{ ...entry, token: 'secret' }] })])('refuses a file that it cannot trust and does not repeat it: %s', (text) => {
    const file = join(folder(), 'token');
    writeFileSync(file, text);
    const refused = () => loadTokens(file, folder());
    expect(refused).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }) as Error);
    expect(refused).not.toThrow(/secret/);
  });
});
