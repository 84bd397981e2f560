import * as s from '../index.ts';

// Golden cases are data of many shapes; what they mean is checked by the comparison with the expected answer.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Given = Record<string, any>;
export type Answer = Record<string, unknown>;

/** How each golden case is put to the library; the keys are the methods' names in goldens/*.json. */
export const METHODS: Record<string, (given: Given) => Answer> = {
  kolmogorovFiniteSf: ({ d, n }) => ({ value: s.kolmogorovFiniteSf(d, n) }),
  smirnovSf: ({ d, n }) => ({ value: s.smirnovSf(d, n) }),
  binomial: ({ k, n, p }) => ({ mass: s.binomialMass(k, n, p), cdf: s.binomialCdf(k, n, p), sf: s.binomialSf(k, n, p) }),
  tSf: ({ x, dof }) => ({ value: s.tSf(x, dof) }),
  cramerVonMisesSf: ({ x }) => ({ value: s.cramerVonMisesSf(x) }),
  ksTest: ({ x, y, how }) => ({ ...s.ksTest(x, y, { how }) }),
  mannWhitneyTest: ({ x, y, alternative }) => ({ ...s.mannWhitneyTest(x, y, { alternative }) }),
  cramerVonMisesTest: ({ x, y }) => ({ ...s.cramerVonMisesTest(x, y) }),
  andersonDarlingTest: ({ samples }) => ({ ...s.andersonDarlingTest(samples) }),
  chiSquareTest: ({ reference, current }) => ({ ...s.chiSquareTest(reference, current) }),
  gTest: ({ reference, current }) => ({ ...s.gTest(reference, current) }),
  fisherTest: ({ table, alternative }) => ({ ...s.fisherTest(table, alternative) }),
  twoProportionsTest: ({ a, b, alternative }) => ({ ...s.twoProportionsTest({ hits: a[0], of: a[1] }, { hits: b[0], of: b[1] }, alternative) }),
  permutationTest: ({ x, y, alternative }) => ({ ...s.permutationTest(x, y, { alternative, rounds: 100_000, random: s.createRandom(1) }) }),

  psiWith: ({ reference, current, zeros }) => ({ ...s.psiWith(reference, current, zeros) }),
  klDivergence: ({ reference, current, zeros, base }) => ({ ...s.klDivergence(reference, current, { zeros, ...(base && { base }) }) }),
  jensenShannonDistance: ({ reference, current, base }) => ({ ...s.jensenShannonDistance(reference, current, { ...(base && { base }) }) }),
  hellinger: ({ reference, current }) => ({ ...s.hellinger(reference, current) }),
  totalVariation: ({ reference, current }) => ({ ...s.totalVariation(reference, current) }),
  lInfinity: ({ reference, current }) => ({ ...s.lInfinity(reference, current) }),
  cramersV: ({ reference, current }) => ({ ...s.cramersV(reference, current) }),
  wasserstein: ({ x, y }) => ({ ...s.wasserstein(x, y) }),
  wassersteinNormalised: ({ x, y }) => ({ ...s.wassersteinNormalised(x, y) }),
  wassersteinBinned: ({ reference, current, edges }) => ({ ...s.wassersteinBinned(reference, current, edges) }),
  energyDistance: ({ x, y }) => ({ ...s.energyDistance(x, y) }),
  sturgesEdges: ({ values }) => ({ edges: s.sturgesEdges(values) }),
  doaneEdges: ({ values }) => ({ edges: s.doaneEdges(values) }),
  quantileEdges: ({ values, bins }) => ({ edges: s.quantileEdges(values, bins) }),
  profileValues: ({ values, edges }) => {
    const profile = s.profileValues(s.emptyNumericProfile(edges), values);
    return { bins: profile.bins, underflow: profile.underflow, overflow: profile.overflow, mean: s.profileMean(profile).value, variance: s.profileVariance(profile).value };
  },

  psi: ({ reference, current }) => ({ value: s.psi(reference, current) }),
  binnedKs: ({ reference, current }) => ({ value: s.binnedKs(reference, current) }),
  valuePreset: ({ preset, x, y }) => { const rule = s.VALUE_PRESETS.find((one) => one.name === preset) as s.ValuePreset; return { value: rule.score(x, y).value, alarm: s.presetAlarms(rule, x, y) }; },
  countPreset: ({ preset, reference, current }) => { const rule = s.COUNT_PRESETS.find((one) => one.name === preset) as s.CountPreset; return { value: rule.score(reference, current).value, alarm: s.presetAlarms(rule, reference, current) }; },
  chiSquareDealt: ({ reference, current, yates }) => ({ ...s.chiSquareTest(reference, current, { yates, permutation: { random: s.createRandom(9), rounds: 10_000 } }) }),
  gDealt: ({ reference, current }) => ({ ...s.gTest(reference, current, { yates: false, permutation: { random: s.createRandom(9), rounds: 10_000 } }) }),
  chiSquareMerged: ({ reference, current }) => ({ ...s.chiSquareTest(reference, current, { mergeBelow: 5 }) }),
  dealtNull: ({ reference, current, measure }) => {
    const measures: Record<string, s.BinnedMeasure> = { 'total-variation': s.TOTAL_VARIATION_MEASURE, 'l-infinity': s.L_INFINITY_MEASURE, 'binned-ks': s.BINNED_KS_MEASURE, psi: s.psiMeasure('evidently'), 'jensen-shannon': s.jensenShannonMeasure(), 'kullback-leibler': s.klMeasure() };
    const rule = measures[measure] as s.BinnedMeasure;
    const [law] = s.dealtNull([rule], reference, current, { random: s.createRandom(10), rounds: 10_000 });
    return { value: rule.of(reference, current).value, pValue: s.nullPValue(law as s.NullLaw, rule.of(reference, current).value ?? 0) };
  },
  chiSquareLimit: ({ measure, n, m, bins, value, alpha }) => {
    const measures: Record<string, s.BinnedMeasure> = { psi: s.psiMeasure(), 'kullback-leibler': s.klMeasure(), 'jensen-shannon': s.jensenShannonMeasure(), 'jensen-shannon, base 2': s.jensenShannonMeasure(2), hellinger: s.HELLINGER_MEASURE, 'cramers-v': s.CRAMERS_V_MEASURE };
    const law = measures[measure]?.limit?.law({ n, m, bins }) as s.NullLaw;
    return { pValue: s.nullPValue(law, value), threshold: s.nullThreshold(law, alpha) };
  },

  wilsonInterval: ({ hits, of, alpha }) => ({ ...s.wilsonInterval(hits, of, alpha) }),
  clopperPearsonInterval: ({ hits, of, alpha }) => ({ ...s.clopperPearsonInterval(hits, of, alpha) }),
  newcombeInterval: ({ a, b, alpha }) => ({ ...s.newcombeInterval({ hits: a[0], of: a[1] }, { hits: b[0], of: b[1] }, alpha) }),
  tInterval: ({ values, alpha }) => ({ ...s.tInterval(values, alpha) }),
  welchInterval: ({ x, y, alpha }) => ({ ...s.welchInterval(x, y, alpha) }),
  aucVariance: ({ labels, scores }) => ({ ...s.aucVariance(labels, scores) }),
  aucDifference: ({ labels, first, second, alpha }) => { const got = s.aucDifference(labels, first, second, alpha); return { ...got.interval, z: got.test.statistic, pValue: got.test.pValue }; },
  bcaLimits: ({ estimate, replicates, jackknife, alpha }) => ({ ...s.bcaLimits(estimate, replicates, jackknife, alpha) }),
  bonferroni: ({ p }) => ({ adjusted: s.bonferroni(p) }),
  holm: ({ p }) => ({ adjusted: s.holm(p) }),
  benjaminiHochberg: ({ p }) => ({ adjusted: s.benjaminiHochberg(p) }),
  longRunVariance: ({ values, lag }) => ({ ...s.longRunVariance(values, lag) }),

  isotonic: ({ scores, targets, at }) => { const fit = s.isotonicFit(scores, targets); return { values: fit === null ? null : at.map((one: number) => s.isotonicAt(fit, one)) }; },
  calibrationError: ({ labels, scores, bins, scheme }) => ({ ...s.calibrationError(labels, scores, { bins, scheme }) }),
  estimatePerformance: ({ metrics, ...rows }) => Object.fromEntries(metrics.map((metric: s.EstimatedMetric) => [metric, s.estimatePerformance(rows as unknown as s.ClassRows, metric, 0.05).interval.estimate])),
  estimateMulticlass: ({ metrics, ...rows }) => Object.fromEntries(metrics.map((metric: 'auc') => [metric, s.estimateMulticlass(rows as unknown as s.MulticlassRows, metric, 0.05).interval.estimate])),
  normalMixture: ({ s: sum, v, alpha, bestAt }) => { const rho = s.normalMixtureRho(bestAt, alpha); return { rho, log: s.normalMixtureLog(sum, v, rho), bound: s.normalMixtureBound(v, alpha, rho) }; },
  gammaExponential: ({ s: sum, v, alpha, bestAt, c }) => { const rho = s.normalMixtureRho(bestAt, 2 * alpha); return { log: s.gammaExponentialLog(sum, v, rho, c), bound: s.gammaExponentialBound(v, alpha, rho, c) }; },
  betaBinomialLog: ({ hits, of, p, a, b }) => ({ value: s.betaBinomialLog(hits, of, p, { a, b }) }),
  oneSidedBetaLog: ({ hits, of, p, a, b, side }) => ({ value: s.oneSidedBetaLog(hits, of, p, { a, b }, side) }),
  asymptoticSequence: ({ batches, options }) => flat(s.readAsymptotic(batches.reduce(s.updateAsymptotic, s.startAsymptotic(options)))),
  normalMixtureSequence: ({ batches, options }) => flat(s.readNormalMixture(batches.reduce(s.updateNormalMixture, s.startNormalMixture(options)))),
  empiricalBernsteinSequence: ({ batches, options }) => flat(s.readEmpiricalBernstein(batches.reduce(s.updateEmpiricalBernstein, s.startEmpiricalBernstein(options)))),
  bettingSequence: ({ batches, options }) => flat(s.readBetting(batches.reduce(s.updateBetting, s.startBetting(options)))),
  betaBinomialSequence: ({ batches, options }) => flat(s.readBetaBinomial(batches.reduce((state: s.BetaBinomialState, [hits, of]: [number, number]) => s.updateBetaBinomial(state, { hits, of }), s.startBetaBinomial(options)))),
  quantileDifferenceSequence: ({ batches, options }) => flat(s.readQuantileDifference(batches.reduce(s.updateQuantileDifference, s.startQuantileDifference(options)))),
  changeDetectors: ({ values, runs }) => {
    const stream = typeof values === 'string' ? Array.from(values, Number) : values;
    const found = runs.map(({ detector, options }: Given) => DETECTORS[detector]?.(options, stream));
    return { changes: found.map((one: s.DetectorReading) => one.changes), warnings: found.map((one: s.DetectorReading) => one.warnings) };
  },
  kswinDelay: ({ streams, from, options }) => {
    const delays = streams.map((values: number[], seed: number) => (s.readKswin(s.updateKswin(s.startKswin({ ...options, seed }), values)).changes.find((at) => at >= from) ?? Number.POSITIVE_INFINITY) - from);
    const sorted = delays.sort((a: number, b: number) => a - b);
    return { delay: (sorted[(sorted.length >> 1) - 1] + sorted[sorted.length >> 1]) / 2 };
  },

  twoProportionsPower: ({ difference, n, plan }) => ({ power: s.twoProportionsPower(difference, n, plan) }),
  twoProportionsSize: ({ difference, power, plan }) => ({ ...s.twoProportionsSize(difference, power, plan) }),
  twoProportionsDetectable: ({ n, power, plan }) => ({ ...s.twoProportionsDetectable(n, power, plan) }),
  sequencePower: ({ distance, plan }) => ({ power: s.sequencePower(distance, plan) }),
  sampleRatioPower: ({ actual, n, plan }) => ({ power: s.sampleRatioPower(actual, n, plan) }),
  sampleRatioDetectable: ({ n, power, plan }) => { const found = s.sampleRatioDetectable(n, power, plan); return { below: found.below.value, above: found.above.value }; },
  errorCountPower: ({ rates, rows, plan }) => ({ power: s.errorCountPower(rates, rows, plan) }),
  errorCountDetectable: ({ rate, power, rows, plan }) => ({ ...s.errorCountDetectable(rate, power, rows, plan) }),
  quantilePower: ({ shares, n, plan }) => ({ power: s.quantilePower(shares, n, plan) }),
  quantileDetectable: ({ power, n, plan }) => ({ ...s.quantileDetectable(power, n, plan) }),
};

const DETECTORS: Record<string, (options: Given, values: number[]) => s.DetectorReading> = {
  adwin: (options, values) => s.readAdwin(s.updateAdwin(s.startAdwin(options), values)),
  cusum: (options, values) => s.readCusum(s.updateCusum(s.startCusum(options), values)),
  ddm: (options, values) => s.readDdm(s.updateDdm(s.startDdm(options), values)),
  eddm: (options, values) => s.readEddm(s.updateEddm(s.startEddm(options), values)),
  pageHinkley: (options, values) => s.readPageHinkley(s.updatePageHinkley(s.startPageHinkley(options), values)),
};

const flat = ({ n, interval, eValue, pValue }: s.Reading): Answer => ({ n, estimate: interval.estimate, low: interval.low, high: interval.high, eValue, pValue });
