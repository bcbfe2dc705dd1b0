/** Maps values to places in a drawing, and says where to put lines and numbers. */
export interface Scale {
  readonly ticks: readonly number[];
  at(value: number): number;
}

const STEPS = [1, 2, 5, 10] as const;

/** From `low` to `high`, with about `count` round numbers. */
export function linearScale(
  range: readonly [low: number, high: number],
  places: readonly [from: number, to: number],
  count = 5,
): Scale {
  const [low] = range;
  const high = range[1] > low ? range[1] : low + 1;
  const step = niceStep((high - low) / count);
  const top = Math.ceil(high / step - 1e-9) * step;
  const [from, to] = places;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= top + step / 1e6; tick += step) {
    ticks.push(Number(tick.toPrecision(12)));
  }
  return { ticks, at: (value) => from + ((value - low) / (top - low)) * (to - from) };
}

/** From a power of ten to another one; what lies below is put at its beginning. */
export function logScale(
  range: readonly [low: number, high: number],
  places: readonly [from: number, to: number],
): Scale {
  const first = Math.floor(Math.log10(Math.max(range[0], 0.01)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(range[1], 0.1)) - 1e-9));
  const [from, to] = places;
  const ticks: number[] = [];
  // With few decades there is room for more numbers.
  const factors = last - first <= 2 ? [1, 2, 5] : [1];
  for (let exponent = first; exponent <= last; exponent += 1) {
    for (const factor of factors) {
      const tick = factor * 10 ** exponent;
      if (tick <= 10 ** last * 1.001) ticks.push(Number(tick.toPrecision(6)));
    }
  }
  const at = (value: number) => {
    const exponent = Math.log10(Math.max(value, 10 ** first));
    return from + ((Math.min(exponent, last) - first) / (last - first)) * (to - from);
  };
  return { ticks, at };
}

function niceStep(rough: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const factor = STEPS.find((step) => step * magnitude >= rough) ?? 10;
  return factor * magnitude;
}
