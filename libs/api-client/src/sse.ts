import { setTimeout as sleep } from 'node:timers/promises';
import type { httpSubscriptionLink } from '@trpc/client';
import type { Dispatcher } from 'undici';

type EventSourceConstructor = NonNullable<Parameters<typeof httpSubscriptionLink>[0]['EventSource']>;

type Listener = (event: unknown) => void;
type Names = 'open' | 'error' | 'message' | string;

/**
 * An EventSource for Node over a dispatcher: it sends our headers, and after a broken or refused connection it comes back
 * with the id of the last event that it saw. A refusal by the server (4xx) ends it.
 */
export function eventSourceOver(dispatcher: Dispatcher, headers: Readonly<Record<string, string>>, reconnectMs: number): EventSourceConstructor {
  class SseSource {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSED = 2;
    readonly CONNECTING = 0;
    readonly OPEN = 1;
    readonly CLOSED = 2;
    readyState = 0;
    readonly url: string;
    readonly #listeners = new Map<Names, Set<Listener>>();
    readonly #stop = new AbortController();
    #lastEventId = '';

    constructor(url: string | URL) {
      this.url = String(url);
      void this.#follow();
    }

    addEventListener(type: Names, listener: Listener): void {
      let listeners = this.#listeners.get(type);
      if (listeners === undefined) this.#listeners.set(type, (listeners = new Set()));
      listeners.add(listener);
    }

    removeEventListener(type: Names, listener: Listener): void {
      this.#listeners.get(type)?.delete(listener);
    }

    close(): void {
      this.readyState = this.CLOSED;
      this.#stop.abort();
    }

    #emit(type: Names, event: object): void {
      for (const listener of [...(this.#listeners.get(type) ?? [])]) listener({ type, ...event });
    }

    async #follow(): Promise<void> {
      while (this.readyState !== this.CLOSED) {
        let failure: object = { message: 'the connection ended' };
        try {
          const refused = await this.#connect();
          if (refused !== null) {
            this.readyState = this.CLOSED;
            this.#emit('error', refused);
            return;
          }
        } catch (error) {
          failure = { message: error instanceof Error ? error.message : String(error), error };
        }
        if ((this.readyState as number) === this.CLOSED) return;
        this.readyState = this.CONNECTING;
        this.#emit('error', failure);
        await sleep(reconnectMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    }

    /** Reads one connection to its end. @returns why the server refuses for good, or null */
    async #connect(): Promise<object | null> {
      const url = new URL(this.url);
      const reply = await dispatcher.request({
        origin: url.origin, path: url.pathname + url.search, method: 'GET', signal: this.#stop.signal, bodyTimeout: 0, headersTimeout: 30_000,
        headers: { ...headers, accept: 'text/event-stream', ...(this.#lastEventId === '' ? {} : { 'last-event-id': this.#lastEventId }) },
      });
      if (reply.statusCode !== 200) {
        const text = await reply.body.text();
        if (reply.statusCode >= 500) throw new Error(`the gateway answered ${reply.statusCode}`);
        return { code: reply.statusCode, message: messageIn(text) ?? `the gateway answered ${reply.statusCode}` };
      }
      this.readyState = this.OPEN;
      this.#emit('open', {});
      const decoder = new TextDecoder();
      let rest = '';
      for await (const chunk of reply.body as AsyncIterable<Buffer>) {
        rest += decoder.decode(chunk, { stream: true });
        const events = rest.split(/\r?\n\r?\n/);
        rest = events.pop() ?? '';
        for (const event of events) this.#dispatch(event);
      }
      return null;
    }

    #dispatch(text: string): void {
      let type = 'message';
      const data: string[] = [];
      for (const line of text.split(/\r?\n/)) {
        const colon = line.indexOf(':');
        if (colon === 0) continue;
        const field = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
        if (field === 'event') type = value;
        else if (field === 'data') data.push(value);
        else if (field === 'id') this.#lastEventId = value;
      }
      if (data.length > 0 || type !== 'message') this.#emit(type, { data: data.join('\n'), lastEventId: this.#lastEventId });
    }
  }
  return SseSource as unknown as EventSourceConstructor;
}

function messageIn(text: string): string | null {
  try {
    return (JSON.parse(text) as { error?: { message?: string } }).error?.message ?? null;
  } catch {
    return null;
  }
}
