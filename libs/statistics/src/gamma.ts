const HALF_LOG_TWO_PI = 0.918938533204672741780329736406;

/**
 * Error of Stirling's formula, ln Γ(x+1) - [(x + ½) ln x - x + ½ ln 2π], for x > 0. Absolute error about 1e-15.
 * @see Loader (2000), Fast and accurate computation of binomial probabilities
 */
export function stirlingError(x: number): number {
  if (x < 15) return logGamma(x + 1) - (x + 0.5) * Math.log(x) + x - HALF_LOG_TWO_PI;
  return stirlingSeries(x);
}

/** The asymptotic series of {@link stirlingError}; eight terms reach double precision from x = 15. */
function stirlingSeries(x: number): number {
  const r = 1 / (x * x);
  const inner = 1 / 156 + r * (-3617 / 122400 + r * (43867 / 244188));
  return (1 / 12 + r * (-1 / 360 + r * (1 / 1260 + r * (-1 / 1680 + r * (1 / 1188 + r * (-691 / 360360 + r * inner)))))) / x;
}

/** ln Γ(x) for x > 0: Stirling's series from 15 on, below by the recurrence. */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  let product = 1;
  let y = x;
  for (; y < 15; y += 1) product *= y;
  return (y - 0.5) * Math.log(y) - y + HALF_LOG_TWO_PI + stirlingSeries(y) - Math.log(product);
}

/** ln B(a, b), a, b > 0. */
export const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** Deviance term x ln(x/m) + m - x without cancellation where x is near m (Loader's bd0); x, m > 0. */
export function devianceTerm(x: number, m: number): number {
  if (Math.abs(x - m) >= 0.1 * (x + m)) return x * Math.log(x / m) + m - x;
  const v = (x - m) / (x + m);
  let sum = (x - m) * v;
  let power = 2 * x * v;
  for (let k = 3; k < 2000; k += 2) {
    power *= v * v;
    const next = sum + power / k;
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/** x^a e^-x / Γ(a+1), the Poisson mass continued to real a > 0. */
const poissonMass = (a: number, x: number): number => Math.exp(-stirlingError(a) - devianceTerm(a, x)) / Math.sqrt(2 * Math.PI * a);

/** ln of {@link poissonMass}: does not underflow. */
const logPoissonMass = (a: number, x: number): number => -stirlingError(a) - devianceTerm(a, x) - 0.5 * Math.log(2 * Math.PI * a);

/** M(1, a+1, x) = Σ x^k / ((a+1)...(a+k)) for x < a + 1; on (0, ∞) it is P(a, x) / (x^a e^-x / Γ(a+1)). Positive terms on both sides of 0. */
export function kummerSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  if (x < 0) {
    // e^x M(a, a+1, -x); the middle terms carry the sum, so they are scaled by e^x from the start. Below -700 by M ~ a / (a - x).
    if (x < -700) return a / (a - x);
    sum = term = Math.exp(x);
    for (let k = 1; k < 100_000; k += 1) {
      term *= -x / k;
      const part = (term * a) / (a + k);
      sum += part;
      if (k > -x && part < sum * 1e-17) break;
    }
    return sum;
  }
  for (let k = 1; k < 100_000; k += 1) {
    term *= x / (a + k);
    sum += term;
    if (term < sum * 1e-17) break;
  }
  return sum;
}

/** Lentz's method for the continued fraction of Γ(a, x) x^-a e^x, x > a. */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let k = 1; k < 100_000; k += 1) {
    const an = -k * (k - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return h;
}

/** Regularised incomplete gamma functions [P(a, x), Q(a, x)], a > 0, x >= 0; each is accurate in its own tail. */
export function incompleteGamma(a: number, x: number): { lower: number; upper: number } {
  if (!(a > 0) || !(x >= 0)) return { lower: Number.NaN, upper: Number.NaN };
  if (x === 0) return { lower: 0, upper: 1 };
  if (x === Number.POSITIVE_INFINITY) return { lower: 1, upper: 0 };
  if (x < a + 1) {
    const lower = poissonMass(a, x) * kummerSeries(a, x);
    return { lower, upper: 1 - lower };
  }
  const upper = poissonMass(a, x) * a * upperFraction(a, x);
  return { lower: 1 - upper, upper };
}

/** Density of the gamma law with shape a and scale 1, as a logarithm. */
export const logGammaDensity = (a: number, x: number): number => logPoissonMass(a, x) + Math.log(a / x);
