import { createServer } from 'node:net';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { MettleError } from '@mettle/contracts';

export interface PortUse {
  readonly host: string;
  readonly port: number;
  /** The variable that sets it. */
  readonly setting: string;
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** Inodes of a process's open sockets; none where we may not look. Files may be closed while we read. */
function socketsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

/** Who listens on a port, as `name (pid)`; null where the system does not say (other users' processes, no /proc). */
function holderOf(port: number): string | null {
  try {
    const hex = port.toString(16).toUpperCase().padStart(4, '0');
    const inodes = new Set(
      ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
        readFileSync(file, 'utf8').split('\n').map((line) => line.trim().split(/\s+/)).filter((part) => part[1]?.endsWith(`:${hex}`) && part[3] === '0A').map((part) => part[9])),
    );
    if (inodes.size === 0) return null;
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (socketsOf(pid).some((inode) => inodes.has(inode))) return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (pid ${pid})`;
    }
  } catch {
    return null;
  }
  return null;
}

/** @throws MettleError PORT_IN_USE naming the port, its setting and its holder */
export async function checkPorts(uses: readonly PortUse[]): Promise<void> {
  const seen = new Map<number, string>();
  for (const { host, port, setting } of uses) {
    const other = seen.get(port);
    if (other !== undefined) throw new MettleError('PORT_IN_USE', `${setting} and ${other} both name port ${port}`, { port, setting });
    seen.set(port, setting);
    if (await isFree(host, port)) continue;
    const holder = holderOf(port);
    throw new MettleError('PORT_IN_USE', `port ${port} (${setting}) is in use${holder === null ? '' : ` by ${holder}`}`, { port, setting, holder });
  }
}
