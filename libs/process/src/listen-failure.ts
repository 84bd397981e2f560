import { MettleError } from '@mettle/contracts';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'that is no address of this machine',
  ENOTFOUND: 'that is no address of this machine',
  EAI_AGAIN: 'that is no address of this machine',
};

/** Why a server does not listen. @param setting the variable that names the port */
export function listenFailure(cause: unknown, { host, port, setting }: { readonly host: string; readonly port: number; readonly setting: string }): unknown {
  const { code = '' } = cause as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return new MettleError('PORT_IN_USE', `port ${port} (${setting}) is in use`, { port, setting }, { cause });
  const reason = REASONS[code];
  if (reason === undefined) return cause;
  return new MettleError('INVALID_INPUT', `METTLE_HOST=${host}, ${setting}=${port}: ${reason} (${code})`, { setting, host, port }, { cause });
}
