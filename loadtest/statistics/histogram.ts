/**
 * A histogram of whole numbers from 0 to 2^40 (microseconds: 12 days) that can be merged with
 * others without loss. Buckets are linear up to 128 and then 64 for each power of two, so a value
 * is known to 1.6 %:
 *
 *     value < 128:  index = value
 *     otherwise:    shift = floor(log2(value)) - 6,  index = shift * 64 + (value >> shift)
 *
 * Numbers below 0 count as 0 (clocks of two machines may disagree a little), those above as 2^40.
 */
export interface HistogramData {
  readonly count: number;
  readonly sum: number;
  /** Exact; 0 when empty. */
  readonly min: number;
  readonly max: number;
  /** Pairs of a bucket's index and how many values fell into it, by rising index. */
  readonly buckets: readonly (readonly [index: number, count: number])[];
}

const SUB_BITS = 6;
const SUB_BUCKETS = 2 ** SUB_BITS;
const LINEAR_END = 2 * SUB_BUCKETS;
const MAX_VALUE = 2 ** 40;

export class Histogram {
  #count = 0;
  #sum = 0;
  #min = 0;
  #max = 0;
  /** By index; sparse ones would cost more than they save. */
  #counts = new Float64Array(LINEAR_END);

  static from(data: HistogramData): Histogram {
    const histogram = new Histogram();
    histogram.merge(data);
    return histogram;
  }

  get count(): number {
    return this.#count;
  }

  get max(): number {
    return this.#max;
  }

  get min(): number {
    return this.#min;
  }

  /** NaN when empty. */
  get mean(): number {
    return this.#sum / this.#count;
  }

  record(value: number, times = 1): void {
    const whole = Math.min(MAX_VALUE, Math.max(0, Math.round(value)));
    this.#add(bucketOf(whole), times);
    this.#extend(whole, whole);
    this.#count += times;
    this.#sum += whole * times;
  }

  merge(data: HistogramData): void {
    if (data.count === 0) return;
    for (const [index, count] of data.buckets) this.#add(index, count);
    this.#extend(data.min, data.max);
    this.#count += data.count;
    this.#sum += data.sum;
  }

  /**
   * The value below or at which the share `quantile` (0 to 1) of all values lies: the middle of its
   * bucket, never outside of what was recorded. NaN when empty.
   */
  percentile(quantile: number): number {
    if (this.#count === 0) return Number.NaN;
    const rank = Math.max(1, Math.ceil(quantile * this.#count));
    let seen = 0;
    for (const [index, count] of this.#pairs()) {
      seen += count;
      if (seen >= rank) return this.#clamp(middleOf(index));
    }
    return this.#max;
  }

  /** The share of values above `limit`, 0 to 1, to the exactness of a bucket; 0 when empty. */
  shareAbove(limit: number): number {
    if (this.#count === 0) return 0;
    let above = 0;
    for (const [index, count] of this.#pairs()) if (middleOf(index) > limit) above += count;
    return above / this.#count;
  }

  /** Points of the cumulative distribution: value, and the share of values up to it. */
  cumulative(): { value: number; share: number }[] {
    let seen = 0;
    return [...this.#pairs()].map(([index, count]) => {
      seen += count;
      return { value: this.#clamp(middleOf(index)), share: seen / this.#count };
    });
  }

  toJSON(): HistogramData {
    return {
      count: this.#count,
      sum: this.#sum,
      min: this.#min,
      max: this.#max,
      buckets: [...this.#pairs()],
    };
  }

  /** What was counted, and begins anew. */
  take(): HistogramData {
    const data = this.toJSON();
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#min = 0;
    this.#max = 0;
    return data;
  }

  *#pairs(): Generator<[number, number], void> {
    for (const [index, count] of this.#counts.entries()) if (count > 0) yield [index, count];
  }

  #add(index: number, times: number): void {
    if (index >= this.#counts.length) {
      const longer = new Float64Array(Math.ceil((index + 1) / SUB_BUCKETS) * SUB_BUCKETS);
      longer.set(this.#counts);
      this.#counts = longer;
    }
    this.#counts[index] = (this.#counts[index] ?? 0) + times;
  }

  #extend(low: number, high: number): void {
    this.#min = this.#count === 0 ? low : Math.min(this.#min, low);
    this.#max = this.#count === 0 ? high : Math.max(this.#max, high);
  }

  #clamp(value: number): number {
    return Math.min(this.#max, Math.max(this.#min, value));
  }
}

function bucketOf(value: number): number {
  if (value < LINEAR_END) return value;
  // What is counted for each packet is small, and a logarithm takes longer than all else here.
  const magnitude = value < 2 ** 31 ? 31 - Math.clz32(value) : Math.floor(Math.log2(value));
  const shift = magnitude - SUB_BITS;
  return shift * SUB_BUCKETS + Math.floor(value / 2 ** shift);
}

function middleOf(index: number): number {
  if (index < LINEAR_END) return index;
  const shift = Math.floor(index / SUB_BUCKETS) - 1;
  return (index - shift * SUB_BUCKETS + 0.5) * 2 ** shift;
}
