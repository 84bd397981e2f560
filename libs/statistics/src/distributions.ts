// The one door to distribution functions: each comes from the source that the golden tests found exact.
export { logGamma } from './gamma.ts';
export { normalCdf, normalQuantile, normalSf, normalUpperQuantile } from './normal.ts';
export { chiSquareCdf, chiSquareQuantile, chiSquareSf, chiSquareUpperQuantile } from './chi-square.ts';
export { tCdf, tQuantile, tSf } from './student-t.ts';
export { betaCdf, betaQuantile, betaSf } from './beta.ts';
export { binomialCdf, binomialMass, binomialSf, hypergeometricMass } from './binomial.ts';
export { kolmogorovSf, kolmogorovUpperQuantile } from './kolmogorov.ts';
export { kolmogorovFiniteSf, smirnovSf } from './kolmogorov-finite.ts';
export { cramerVonMisesSf } from './cramer-von-mises-limit.ts';
