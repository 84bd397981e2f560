import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { type DurationUs, type TimeUs } from '@mettle/contracts';
import { control } from './activities.ts';
import { moment } from './visibility.ts';

/** What a Temporal Schedule starts at each firing. */
export interface TickClockStart {
  readonly endpoint: string;
  /** Length of a step, µs. */
  readonly every: DurationUs;
  /** How far the watermark stays behind the wall clock, µs. */
  readonly lag: DurationUs;
}

/** The last whole step that lies `lag` behind the wall clock. */
export const lastStep = (wall: TimeUs, { every, lag }: Pick<TickClockStart, 'every' | 'lag'>): TimeUs => Math.floor((wall - lag) / every) * every;

/** One step of an endpoint on the wall clock. The only workflow that looks at a wall clock: after it, time is data. */
export async function tickClock(start: TickClockStart): Promise<{ watermark: TimeUs; moved: boolean }> {
  const watermark = lastStep(workflowInfo().startTime.getTime() * 1000, start);
  setCurrentDetails(`**${start.endpoint}** steps to ${moment(watermark)}`);
  const { moved } = await control(`advance ${start.endpoint} to ${moment(watermark)}`).advanceClock({ endpoint: start.endpoint, watermark });
  return { watermark, moved };
}
