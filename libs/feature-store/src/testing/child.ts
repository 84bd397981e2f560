import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';

const conditions = ['@mettle/source', 'module', 'node', 'development|production'];

/** Bundles `store-process.ts` from source, beside this room so that its packages resolve. */
export async function bundleStoreProcess(): Promise<string> {
  const outDir = join(import.meta.dirname, '../../out-tsc', `store-${process.pid}`);
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions },
    ssr: { noExternal: [/^@mettle\//], resolve: { conditions } },
    build: { ssr: join(import.meta.dirname, 'store-process.ts'), outDir, emptyOutDir: true, rollupOptions: { output: { entryFileNames: 'store.mjs' } } },
  });
  return join(outDir, 'store.mjs');
}

export interface Child {
  /** The next line of its output, as JSON; undefined when it ended. */
  next<T>(): Promise<T | undefined>;
  write(line: string): void;
  kill(): Promise<void>;
}

export function startChild(script: string, args: readonly (string | number)[]): Child {
  const child = spawn(process.execPath, [script, ...args.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    next: async <T>() => {
      const { done, value } = await lines.next();
      return done === true ? undefined : (JSON.parse(value) as T);
    },
    write: (line) => void child.stdin.write(`${line}\n`),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
