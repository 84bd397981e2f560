import { checkWhole } from '../checks.ts';

/** A share of alarms among simulated pairs of samples of one population, and its Monte-Carlo error. */
export interface FalseAlarmRate {
  readonly rate: number;
  /** One standard error of `rate`, at least that of one alarm. */
  readonly standardError: number;
  readonly runs: number;
}

/** How often each rule alarms when `draw` gives two samples of one population. */
export function falseAlarmRates<Sample>(rules: readonly ((reference: Sample, current: Sample) => boolean)[], draw: () => readonly [Sample, Sample], runs: number): FalseAlarmRate[] {
  checkWhole(runs, 'runs', 1);
  const alarms = rules.map(() => 0);
  for (let run = 0; run < runs; run += 1) {
    const [reference, current] = draw();
    rules.forEach((alarm, at) => { if (alarm(reference, current)) alarms[at] = (alarms[at] as number) + 1; });
  }
  return alarms.map((count) => {
    const rate = count / runs;
    const safe = Math.min(Math.max(count, 1), runs - 1) / runs;
    return { rate, standardError: Math.sqrt(Math.max(0, safe * (1 - safe)) / runs), runs };
  });
}
