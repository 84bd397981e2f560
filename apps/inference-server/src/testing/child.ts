import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'vite';

const conditions = ['@mettle/source', 'module', 'node', 'development|production'];

/** Bundles the entry of the process from source, beside this room so that its packages resolve. */
export async function bundleMain(): Promise<string> {
  const outDir = join(import.meta.dirname, '../../out-tsc', `main-${process.pid}`);
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions },
    ssr: { noExternal: [/^@mettle\//], resolve: { conditions } },
    build: { ssr: join(import.meta.dirname, '../main.ts'), outDir, emptyOutDir: true, rollupOptions: { output: { entryFileNames: 'main.mjs' } } },
  });
  return join(outDir, 'main.mjs');
}

export interface Child {
  readonly pid: number;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM. @returns the exit code */
  stop(): Promise<number | null>;
}

export function startMain(script: string, env: Record<string, string>): Child {
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    pid: child.pid ?? 0,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** A port that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
