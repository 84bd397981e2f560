/** P(K > x) for Kolmogorov's limit law (series of Kolmogorov 1933 and its theta transform for small x). */
export function kolmogorovSf(x: number): number {
  if (!(x > 0)) return 1;
  if (x < 0.82) {
    let sum = 0;
    for (let k = 1; k <= 9; k += 2) sum += Math.exp((-k * k * Math.PI * Math.PI) / (8 * x * x));
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum;
  }
  let sum = 0;
  for (let k = 1; k <= 12; k += 1) sum += (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * x * x);
  return 2 * sum;
}

/** x with P(K > x) = q, q in (0, 1): bisection to double precision. */
export function kolmogorovUpperQuantile(q: number): number {
  if (!(q > 0 && q < 1)) return Number.NaN;
  let low = 0.02;
  let high = Math.sqrt(-Math.log(q / 2) / 2) + 1e-9;
  for (let k = 0; k < 100; k += 1) {
    const x = (low + high) / 2;
    if (x === low || x === high) break;
    if (kolmogorovSf(x) > q) low = x;
    else high = x;
  }
  return (low + high) / 2;
}
