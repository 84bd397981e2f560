import { checkWhole } from '../checks.ts';

/** A share of alarms among simulated pairs of samples of one population, and its Monte-Carlo error. */
export interface FalseAlarmRate {
  readonly rate: number;
  /** One standard error of `rate`, at least that of one alarm. */
  readonly standardError: number;
  readonly runs: number;
}

/** `alarms` of `runs`, as a rate. */
export function alarmRate(alarms: number, runs: number): FalseAlarmRate {
  checkWhole(runs, 'runs', 1);
  const rate = alarms / runs;
  const safe = Math.min(Math.max(alarms, 1), Math.max(runs - 1, 1)) / runs;
  return { rate, standardError: Math.sqrt((safe * (1 - safe)) / runs), runs };
}

/** How often each rule alarms when `draw` gives two samples of one population; a rule without an answer does not alarm. */
export function falseAlarmRates<Sample>(rules: readonly ((reference: Sample, current: Sample) => boolean | null)[], draw: () => readonly [Sample, Sample], runs: number): FalseAlarmRate[] {
  const alarms = rules.map(() => 0);
  for (let run = 0; run < runs; run += 1) {
    const [reference, current] = draw();
    rules.forEach((rule, at) => { if (rule(reference, current) === true) alarms[at] = (alarms[at] as number) + 1; });
  }
  return alarms.map((count) => alarmRate(count, runs));
}
