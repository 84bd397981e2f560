import { normalCdf } from '../normal.ts';

/** Gauss-Legendre, eight nodes. */
const NODES = [-0.9602898564975363, -0.7966664774136267, -0.525532409916329, -0.1834346424956498, 0.1834346424956498, 0.525532409916329, 0.7966664774136267, 0.9602898564975363];
const WEIGHTS = [0.1012285362903763, 0.2223810344533745, 0.3137066458778873, 0.362683783378362, 0.362683783378362, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763];
/** Standard deviations beyond which a normal density is nothing (1e-17). */
const REACH = 8.5;

/**
 * P(a Brownian motion is below `bounds[j]` at one of the times `times[0..j]`), for each j: its density above the bounds is
 * carried from look to look by quadrature. Error about 1e-9.
 * @see Armitage, McPherson & Rowe (1969), Repeated significance tests on accumulating data
 */
export function passageBelow(times: readonly number[], bounds: readonly number[]): number[] {
  const passed: number[] = [];
  let places: Float64Array = Float64Array.of(0);
  let mass: Float64Array = Float64Array.of(1);
  let total = 0;
  times.forEach((time, look) => {
    const step = Math.sqrt(time - (times[look - 1] ?? 0));
    const bound = bounds[look] as number;
    for (let k = 0; k < places.length; k += 1) total += (mass[k] as number) * normalCdf((bound - (places[k] as number)) / step);
    passed.push(Math.min(1, total));
    // The panels are no wider than the narrower of the two kernels that this density meets.
    const next = times[look + 1];
    const width = Math.min(step, next === undefined ? step : Math.sqrt(next - time)) * 1.5;
    const low = Math.max(bound, -REACH * Math.sqrt(time));
    const panels = Math.max(0, Math.ceil((REACH * Math.sqrt(time) - low) / width));
    [places, mass] = carried(places, mass, { low, panels, width, step });
  });
  return passed;
}

/** Density at the next look's nodes times their weights; only the kernel's reach is summed. */
function carried(places: Float64Array, mass: Float64Array, { low, panels, width, step }: { low: number; panels: number; width: number; step: number }): [Float64Array, Float64Array] {
  const at = new Float64Array(panels * 8);
  const next = new Float64Array(panels * 8);
  const scale = 1 / (step * Math.sqrt(2 * Math.PI));
  let from = 0;
  for (let k = 0; k < at.length; k += 1) {
    const place = low + ((k >> 3) + (1 + (NODES[k & 7] as number)) / 2) * width;
    while (from < places.length && (places[from] as number) < place - REACH * step) from += 1;
    let density = 0;
    for (let j = from; j < places.length; j += 1) {
      const z = ((places[j] as number) - place) / step;
      if (z > REACH) break;
      density += (mass[j] as number) * Math.exp((-z * z) / 2);
    }
    at[k] = place;
    next[k] = density * scale * (WEIGHTS[k & 7] as number) * (width / 2);
  }
  return [at, next];
}
