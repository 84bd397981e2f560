import * as s from '../index.ts';

type Given = Record<string, never>;
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
};
