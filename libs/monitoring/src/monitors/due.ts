import type { Monitor } from '@mettle/contracts';

/** A monitor runs when the watermark passes a multiple of its `every`: (before, watermark] holds one. */
export const isDue = (monitor: Pick<Monitor, 'every'>, before: number, watermark: number): boolean => Math.floor(watermark / monitor.every) > Math.floor(before / monitor.every);
