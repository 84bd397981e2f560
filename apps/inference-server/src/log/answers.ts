import { MettleError } from '@mettle/contracts';

/** What a request got: the response as JSON text, or the failure that is logged. */
export type Answer = string | MettleError;

/** Remembers what was answered to which request id, so that a retry is answered again and not predicted again. */
export interface Answers {
  /**
   * The answer that an id got, or will get; null for a new id.
   * @param body hash of the request
   * @throws MettleError REQUEST_REUSED when the id named another body
   */
  find(requestId: string, body: string): Promise<Answer> | null;
  /** The id is being answered: whoever sends it again waits for the same answer. */
  begin(requestId: string, body: string, answer: Promise<Answer>): void;
  /** The answer is in the log from now on. */
  logged(requestId: string, body: string, sequence: number): void;
  /** An answer of before a restart. */
  restore(requestId: string, body: string, answer: Answer): void;
  /** What the log holds was sealed: only the most recent answers are kept from there. */
  sealed(): void;
}

/** Answers kept as text, about 2 KB each. Older ones are read from the log until it is sealed. */
const RECENT = 20_000;

/** @param read the answer that a line of the log holds, or null when that line is gone or is another request */
export function createAnswers(read: (requestId: string, sequence: number) => Promise<Answer | null>, recentLimit = RECENT): Answers {
  const waiting = new Map<string, { body: string; answer: Promise<Answer> }>();
  const recent = new Map<string, { body: string; answer: Answer }>();
  const unsealed = new Map<string, { body: string; sequence: number }>();

  const same = (requestId: string, known: string, body: string): void => {
    if (known !== body) throw new MettleError('REQUEST_REUSED', `request id '${requestId}' named another body`, { requestId });
  };
  const keep = (requestId: string, body: string, answer: Answer): void => {
    recent.set(requestId, { body, answer });
    if (recent.size <= recentLimit) return;
    for (const oldest of recent.keys()) return void recent.delete(oldest);
  };
  return {
    find(requestId, body) {
      const known = waiting.get(requestId) ?? recent.get(requestId);
      if (known !== undefined) {
        same(requestId, known.body, body);
        return Promise.resolve(known.answer);
      }
      const line = unsealed.get(requestId);
      if (line === undefined) return null;
      same(requestId, line.body, body);
      return read(requestId, line.sequence).then((answer) => {
        if (answer === null) throw new MettleError('UNAVAILABLE', 'the answer to this request is being moved: ask again', { requestId });
        return answer;
      });
    },
    begin(requestId, body, answer) {
      waiting.set(requestId, { body, answer });
      answer.then(
        (value) => {
          waiting.delete(requestId);
          keep(requestId, body, value);
        },
        // Refused before anything was logged: the id is free.
        () => waiting.delete(requestId),
      );
    },
    logged: (requestId, body, sequence) => void unsealed.set(requestId, { body, sequence }),
    restore: keep,
    sealed: () => unsealed.clear(),
  };
}
