import { binomialMass } from './binomial.ts';
import { logGamma } from './gamma.ts';

/**
 * P(D_n >= d) for the one-sample Kolmogorov statistic at finite n, SciPy's `kstwo.sf`. The ranges are Simard and
 * L'Ecuyer's (2011): Ruben-Gambino at the ends, Durbin's matrix for small n d², twice Smirnov's one-sided law in the
 * upper tail (exact from d = ½, to 1e-15 from n d² = 4 or 2.2 on), Pelz-Good in between for large n.
 * @see Simard & L'Ecuyer (2011), Computing the two-sided Kolmogorov-Smirnov distribution, J. Stat. Soft. 39(11)
 */
export function kolmogorovFiniteSf(d: number, n: number): number {
  if (!(n >= 1) || Number.isNaN(d)) return Number.NaN;
  if (d >= 1) return 0;
  const t = n * d;
  if (t <= 0.5) return 1;
  if (t <= 1) return 1 - Math.exp(logGamma(n + 1) - n * Math.log(n) + n * Math.log(2 * t - 1));
  if (t >= n - 1) return 2 * (1 - d) ** n;
  if (d >= 0.5) return 2 * smirnovSf(d, n);
  const nd2 = t * d;
  if (n <= 140) return nd2 <= 4 ? 1 - durbin(n, d) : 2 * smirnovSf(d, n);
  if (nd2 >= 370) return 0;
  if (nd2 >= 2.2) return Math.min(1, 2 * smirnovSf(d, n));
  if (n <= 100_000 && n * d ** 1.5 <= 1.4) return 1 - durbin(n, d);
  return 1 - pelzGood(n, d);
}

/**
 * P(D_n+ >= d): Birnbaum-Tingey's sum, d Σ C(n,j) (d + j/n)^(j-1) (1 - d - j/n)^(n-j), as binomial masses. From n = 20,000
 * on every s-th term stands for s of them: the terms are a smooth bump that vanishes at both ends, so the error is below rounding.
 */
export function smirnovSf(d: number, n: number): number {
  if (d <= 0) return 1;
  if (d >= 1) return 0;
  const stride = n * d * d < 2 ? 1 : Math.max(1, Math.floor(n / 10_000));
  const last = Math.floor(n * (1 - d));
  let sum = 0;
  for (let j = 0; j <= last; j += stride) {
    const p = d + j / n;
    if (p <= 1) sum += binomialMass(j, n, Math.min(1, p)) / p;
  }
  return Math.min(1, d * stride * sum);
}

/** P(D_n < d) by powers of Durbin's matrix (Marsaglia, Tsang & Wang 2003). */
function durbin(n: number, d: number): number {
  const k = Math.ceil(n * d);
  const m = 2 * k - 1;
  const h = k - n * d;
  let base = new Float64Array(m * m);
  for (let i = 0; i < m; i += 1) for (let j = 0; j < m; j += 1) base[i * m + j] = i - j + 1 >= 0 ? 1 : 0;
  for (let i = 0; i < m; i += 1) {
    base[i * m] = (base[i * m] ?? 0) - h ** (i + 1);
    base[(m - 1) * m + i] = (base[(m - 1) * m + i] ?? 0) - h ** (m - i);
  }
  base[(m - 1) * m] = (base[(m - 1) * m] ?? 0) + (2 * h - 1 > 0 ? (2 * h - 1) ** m : 0);
  for (let i = 0; i < m; i += 1)
    for (let j = 0; j < m; j += 1) for (let g = 1; g <= i - j + 1; g += 1) base[i * m + j] = (base[i * m + j] ?? 0) / g;
  let power: Float64Array | null = null;
  let scale = 0;
  let baseScale = 0;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) {
      power = power === null ? base.slice() : product(power, base, m);
      scale += baseScale;
    }
    base = product(base, base, m);
    baseScale *= 2;
    if ((base[(k - 1) * m + k - 1] ?? 0) > 1e140) {
      for (let at = 0; at < base.length; at += 1) base[at] = (base[at] ?? 0) * 1e-140;
      baseScale += 140;
    }
  }
  let probability = power?.[(k - 1) * m + k - 1] ?? 0;
  for (let i = 1; i <= n; i += 1) {
    probability = (probability * i) / n;
    if (probability < 1e-140) { probability *= 1e140; scale -= 140; }
  }
  return probability * 10 ** scale;
}

function product(a: Float64Array, b: Float64Array, m: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(m * m);
  for (let i = 0; i < m; i += 1)
    for (let l = 0; l < m; l += 1) {
      const left = a[i * m + l] as number;
      if (left !== 0) for (let j = 0; j < m; j += 1) out[i * m + j] = (out[i * m + j] as number) + left * (b[l * m + j] as number);
    }
  return out;
}

/** P(D_n <= d) to O(n^-2): Pelz & Good (1976), the four theta sums. */
function pelzGood(n: number, d: number): number {
  const z = Math.sqrt(n) * d;
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const pi2 = Math.PI ** 2;
  const k = [0, 0, 0, 0] as [number, number, number, number];
  const terms = Math.ceil((16 * z) / Math.PI) + 2;
  for (let j = terms; j >= 1; j -= 1) {
    const m2 = (2 * j - 1) ** 2;
    const q = Math.exp((-pi2 * m2) / (8 * z2));
    const a = (pi2 * m2) / 4;
    k[0] += q;
    k[1] += q * (a - z2);
    k[2] += q * (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * a + (1 - 2 * z2) * a * a);
    k[3] += q * (-30 * z6 - 90 * z4 * z4 + (135 * z4 - 96 * z6) * a + (212 * z4 - 60 * z2) * a * a + (5 - 30 * z2) * a * a * a);
  }
  const root = Math.sqrt(2 * Math.PI);
  let extra2 = 0;
  let extra3 = 0;
  for (let j = terms; j >= 1; j -= 1) {
    const q = Math.exp((-pi2 * j * j) / (2 * z2)) * j * j;
    extra2 += q;
    extra3 += q * (3 * z2 - pi2 * j * j);
  }
  const k2 = (root * k[2]) / (72 * z6 * z) - (root * pi2 * extra2) / (36 * z2 * z);
  const k3 = (root * k[3]) / (6480 * z4 * z6) + (root * pi2 * extra3) / (216 * z6);
  return (root * k[0]) / z + (root * k[1]) / (6 * z4) / Math.sqrt(n) + k2 / n + k3 / n ** 1.5;
}
