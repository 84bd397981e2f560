import { readFileSync } from 'node:fs';
import { AlertChannel, MettleError } from '@mettle/contracts';

/**
 * The alert channels of the file that METTLE_CHANNELS names: a JSON array; none without it.
 * @throws MettleError INVALID_INPUT when the file is missing or a channel has another form
 */
export function loadChannels(env: NodeJS.ProcessEnv): AlertChannel[] {
  const path = env['METTLE_CHANNELS'];
  if (path === undefined || path === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new MettleError('INVALID_INPUT', `METTLE_CHANNELS names ${path}, which cannot be read as JSON`, { setting: 'METTLE_CHANNELS', path }, { cause });
  }
  const channels = AlertChannel.array().safeParse(value);
  if (!channels.success) throw new MettleError('INVALID_INPUT', `${path}: ${channels.error.issues[0]?.message ?? ''}`, { path, field: channels.error.issues[0]?.path.join('.') ?? '' });
  return channels.data;
}
