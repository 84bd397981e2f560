import { MettleError } from '@mettle/contracts';

const TIMEOUT_MS = 10_000;

/**
 * Posts a body. Redirects are not followed: a channel is where the operator said it is.
 * @throws MettleError UNAVAILABLE (a retry may help: no answer, 408, 429 or 5xx), INVALID_INPUT (the receiver refuses it)
 */
export async function post(channel: string, url: string, headers: Readonly<Record<string, string>>, body: string): Promise<void> {
  let status: number;
  try {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', 'user-agent': 'mettle', ...headers }, body, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    status = response.status;
    await response.arrayBuffer();
  } catch (cause) {
    throw new MettleError('UNAVAILABLE', `channel '${channel}' does not answer`, { channel }, { cause });
  }
  if (status >= 200 && status < 300) return;
  if (status === 408 || status === 429 || status >= 500) throw new MettleError('UNAVAILABLE', `channel '${channel}' answered ${status}`, { channel, status });
  throw new MettleError('INVALID_INPUT', `channel '${channel}' refused the message with ${status}`, { channel, status });
}
