// Why promotion bounds slots by the asymptotic sequence: all three on slots that are autocorrelated and skewed, at weekly looks.
import { alarmRate, gammaExponentialLog, longRunVariance, normalMixtureRho, oneSidedHalfWidth, startBetting, updateBetting } from '@mettle/statistics';

const ALPHA = 0.05;
const WEEK = 56;
const WEEKS = 12;
/** Eight slots a day: Bartlett's lag is a day. */
const LAG = 8;
const SD = 0.03;
const GAIN = 0.01;
const RUNS = 8000;

/** Lag-one correlation .45 of exp(.8 z), z an AR(1): its coefficient is ln(1 + .45 (e^.64 - 1)) / .64. */
const SIGMA = 0.8;
const COEFFICIENT = Math.log1p(0.45 * Math.expm1(SIGMA ** 2)) / SIGMA ** 2;
const skewed = (z) => (Math.exp(SIGMA * z) - Math.exp(SIGMA ** 2 / 2)) / Math.sqrt(Math.exp(SIGMA ** 2) * Math.expm1(SIGMA ** 2));

/** Unit variance, lag-one correlation .45. Positive is worse for the candidate, so the tail is its rare very bad hours. */
const STREAMS = [
  { stream: 'normal', coefficient: 0.45, shape: (z) => z },
  { stream: 'skewness 3.7, tail of the candidate', coefficient: COEFFICIENT, shape: skewed },
  { stream: 'skewness 3.7, tail of the champion', coefficient: COEFFICIENT, shape: (z) => -skewed(z) },
];

const clip = (value, most) => Math.max(-most, Math.min(most, value));

/** Each says after which week the mean is proven below 0 at a one-sided 5 %, or null. */
const RULES = [
  { method: 'asymptotic, long-run variance', bounds: 'none', settles: (slots) => firstWeek((n) => {
    const mean = slots.subarray(0, n).reduce((sum, value) => sum + value, 0) / n;
    return mean + oneSidedHalfWidth({ n, variance: longRunVariance(slots, LAG, 0, n).variance, alpha: ALPHA, tunedFor: WEEK }) < 0;
  }) },
  ...[1, 0.25].flatMap((most) => [
    { method: 'empirical Bernstein', bounds: `±${most}`, settles: (slots) => {
      const rho = normalMixtureRho(WEEK * SD ** 2, 2 * ALPHA);
      let [n, sum, variation] = [0, 0, 0];
      return firstWeek((upTo) => {
        for (; n < upTo; n += 1) {
          const value = clip(slots[n], most);
          variation += (value - (n === 0 ? 0 : sum / n)) ** 2;
          sum += value;
        }
        return gammaExponentialLog(-sum, variation, rho, 2 * most) >= Math.log(1 / ALPHA);
      });
    } },
    { method: 'betting', bounds: `±${most}`, settles: (slots) => {
      let state = startBetting({ alpha: 2 * ALPHA, bounds: { low: -most, high: most }, grid: 2, against: 0 });
      return firstWeek((upTo) => {
        state = updateBetting(state, slots.subarray(upTo - WEEK, upTo).map((value) => clip(value, most)));
        // The last candidate is the null; capital that grew on values below it.
        return state.down.at(-1) >= Math.log(1 / ALPHA);
      });
    } },
  ]),
];

function firstWeek(settled) {
  for (let week = 1; week <= WEEKS; week += 1) if (settled(week * WEEK)) return week;
  return null;
}

/** False promotions of an equal candidate, and how soon one that is better by a third of a slot's deviation is promoted. */
export function policyLooks(random, say) {
  return STREAMS.flatMap(({ stream, coefficient, shape }) => {
    say(`policy: ${stream}`);
    const weeks = RULES.map(() => ({ equal: [], better: [] }));
    for (let run = 0; run < RUNS; run += 1) {
      const noise = new Float64Array(WEEK * WEEKS);
      let z = random.normal();
      for (let at = 0; at < noise.length; at += 1) {
        z = coefficient * z + Math.sqrt(1 - coefficient ** 2) * random.normal();
        noise[at] = SD * shape(z);
      }
      const gained = noise.map((value) => value - GAIN);
      RULES.forEach(({ settles }, at) => { weeks[at].equal.push(settles(noise)); weeks[at].better.push(settles(gained)); });
    }
    return RULES.map(({ method, bounds }, at) => {
      const within = (list, most) => { const { rate, standardError } = alarmRate(list.filter((week) => week !== null && week <= most).length, RUNS); return { rate, standardError: Number(standardError.toPrecision(2)) }; };
      const { equal, better } = weeks[at];
      const sorted = better.map((week) => week ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
      const median = sorted[RUNS / 2];
      return { method, bounds, stream, alpha: ALPHA, falseIn4: within(equal, 4), falseIn12: within(equal, WEEKS), decidedIn4: within(better, 4), decidedIn12: within(better, WEEKS), medianWeeks: Number.isFinite(median) ? median : null, runs: RUNS };
    });
  });
}
