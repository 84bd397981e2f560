import type { Progress } from './progress.ts';

export interface Chaos {
  readonly kills: () => number;
  stop(): void;
}

/** A small seeded generator (mulberry32), so that the order of victims can be repeated. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Kills (-9) one process of the platform, picked by chance, at every interval until stopped. */
export function startChaos(options: {
  victims: readonly string[];
  kill: (name: string) => boolean;
  seed: number;
  everyMs: number;
  progress: Progress;
}): Chaos {
  const next = generator(options.seed);
  let kills = 0;
  const timer = setInterval(() => {
    const victim = options.victims[Math.floor(next() * options.victims.length)]!;
    if (options.kill(victim)) {
      kills += 1;
      options.progress.say(`  chaos: kill -9 ${victim} (${kills})`);
    }
  }, options.everyMs);
  return { kills: () => kills, stop: () => clearInterval(timer) };
}
