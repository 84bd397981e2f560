import { describe, expect, it } from 'vitest';
import { MettleError } from '@mettle/contracts';
import { createAnswers, type Answer } from './answers.ts';

const nothing = (): Promise<Answer | null> => Promise.resolve(null);
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('answers', () => {
  it('are shared by those who ask while the first is under way', async () => {
    const answers = createAnswers(nothing);
    let answer!: (text: string) => void;
    answers.begin('r', 'body', new Promise((resolve) => (answer = resolve)));
    const second = answers.find('r', 'body');
    answer('the answer');
    expect(await second).toBe('the answer');
    expect(await answers.find('r', 'body')).toBe('the answer');
  });

  it('free the id when nothing was logged', async () => {
    const answers = createAnswers(nothing);
    answers.begin('r', 'body', Promise.reject(new MettleError('PAUSED', 'paused')));
    await settled();
    expect(answers.find('r', 'other')).toBeNull();
  });

  it('refuse another body, whether under way, recent, or only in the log', async () => {
    const answers = createAnswers(nothing, 1);
    const reused = expect.objectContaining({ code: 'REQUEST_REUSED' }) as Error;
    answers.begin('r', 'body', Promise.resolve('a'));
    expect(() => answers.find('r', 'other')).toThrow(reused);
    await settled();
    expect(() => answers.find('r', 'other')).toThrow(reused);
    answers.logged('r', 'body', 1);
    answers.begin('s', 'body', Promise.resolve('b'));
    await settled();
    expect(() => answers.find('r', 'other')).toThrow(reused);
  });

  it('are read from the log when they are no longer recent, until it is sealed', async () => {
    const asked: unknown[] = [];
    const answers = createAnswers((...line) => (asked.push(line), Promise.resolve('from the log')), 1);
    for (const [i, id] of ['r', 's'].entries()) {
      answers.begin(id, 'body', Promise.resolve(`answer ${id}`));
      answers.logged(id, 'body', i + 7);
      await settled();
    }
    expect(await answers.find('r', 'body')).toBe('from the log');
    expect(asked).toEqual([['r', 7]]);
    expect(await answers.find('s', 'body')).toBe('answer s');
    answers.sealed();
    expect(answers.find('r', 'body')).toBeNull();
    expect(await answers.find('s', 'body')).toBe('answer s');
  });

  it('say that they cannot be had when the line is gone', async () => {
    const answers = createAnswers(nothing);
    answers.logged('r', 'body', 1);
    await expect(answers.find('r', 'body')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
