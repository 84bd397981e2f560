/**
 * P(W > x) for the limit law of the Cramér-von Mises statistic. Below ½ the Anderson-Darling (1952) series in K_¼, above
 * it Smirnov's (1937) alternating integrals, which keep their relative accuracy in the far tail.
 */
export function cramerVonMisesSf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x <= 0.003) return 1;
  return x < 0.5 ? 1 - lower(x) : tail(x);
}

function lower(x: number): number {
  let sum = 0;
  let ratio = Math.sqrt(Math.PI);
  for (let k = 0; k < 60; k += 1) {
    const y = 4 * k + 1;
    const q = (y * y) / (16 * x);
    const term = (ratio / (Math.PI ** 1.5 * Math.sqrt(x))) * Math.sqrt(y) * scaledBessel(q);
    sum += term;
    if (term < 1e-17 * sum) break;
    ratio *= (k + 0.5) / (k + 1);
  }
  return sum;
}

/** e^-q K_¼(q) by the trapezoid rule on ∫ e^{-q(1 + cosh t)} cosh(t/4) dt, which converges doubly exponentially. */
function scaledBessel(q: number): number {
  const step = 1 / 64;
  let sum = 0.5 * Math.exp(-2 * q);
  for (let k = 1; k < 2000; k += 1) {
    const t = k * step;
    const exponent = q * (1 + Math.cosh(t));
    if (exponent > 745) break;
    sum += Math.exp(-exponent) * Math.cosh(t / 4);
  }
  return sum * step;
}

/** (2/π) Σ (-1)^{k+1} ∫ over ((2k-1)π, 2kπ) of sqrt(-1 / (s sin s)) e^{-x s²/2} ds, by tanh-sinh quadrature. */
function tail(x: number): number {
  let sum = 0;
  for (let k = 1; k <= 6; k += 1) {
    const low = (2 * k - 1) * Math.PI;
    let part = 0;
    for (let j = -220; j <= 220; j += 1) {
      const t = j / 50;
      const u = 0.5 * Math.PI * Math.sinh(t);
      // Distances from both ends, each without cancellation; sin s = -sin(distance from the low end).
      const left = Math.PI / (1 + Math.exp(-2 * u));
      const right = Math.PI / (1 + Math.exp(2 * u));
      const s = low + left;
      const sine = Math.sin(Math.min(left, right));
      if (!(sine > 0)) continue;
      const weight = ((0.5 * Math.PI * Math.cosh(t)) / Math.cosh(u) ** 2) * (Math.PI / 2) / 50;
      part += weight * Math.sqrt(1 / (s * sine)) * Math.exp((-x * s * s) / 2);
    }
    sum += k % 2 === 1 ? part : -part;
  }
  return (2 / Math.PI) * sum;
}
