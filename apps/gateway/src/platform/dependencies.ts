/** What the process needs, each with a probe that rejects when it is away. */
export type Probes = Readonly<Record<string, () => Promise<unknown>>>;

export interface Health {
  /** The process can take pushes and answer reads. */
  readonly ready: boolean;
  readonly dependencies: Readonly<Record<string, 'up' | 'down'>>;
}

export interface Dependencies {
  check(): Promise<Health>;
  /** Asks only what is needed. */
  ready(): Promise<boolean>;
}

const LIMIT_MS = 2_000;

/** @param needed dependencies without which the process is not ready; pushes and reads go on while the others are away */
export function createDependencies(probes: Probes, needed: readonly string[]): Dependencies {
  const probe = async (name: string): Promise<'up' | 'down'> => {
    let timer: NodeJS.Timeout | undefined;
    try {
      await Promise.race([probes[name]?.(), new Promise((_, reject) => (timer = setTimeout(() => reject(new Error('no answer in time')), LIMIT_MS)))]);
      return 'up';
    } catch {
      return 'down';
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    ready: async () => (await Promise.all(needed.map(probe))).every((state) => state === 'up'),
    async check() {
      const entries = await Promise.all(Object.keys(probes).map(async (name) => [name, await probe(name)] as const));
      return { ready: entries.every(([name, state]) => state === 'up' || !needed.includes(name)), dependencies: Object.fromEntries(entries) };
    },
  };
}
