import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Histogram } from "../../../loadtest/statistics/histogram.ts";

const values = fc.array(fc.integer({ min: 0, max: 5_000_000 }), { minLength: 1, maxLength: 200 });

function histogramOf(recorded: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of recorded) histogram.record(value);
  return histogram;
}

/** The nearest-rank percentile of the values themselves. */
function exactly(recorded: readonly number[], quantile: number): number {
  const sorted = [...recorded].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? Number.NaN;
}

test("percentiles of known data", () => {
  const histogram = histogramOf(Array.from({ length: 100 }, (_, index) => index + 1));
  assert.equal(histogram.percentile(0.5), 50);
  assert.equal(histogram.percentile(0.95), 95);
  assert.equal(histogram.percentile(0.99), 99);
  assert.equal(histogram.percentile(0), 1);
  assert.equal(histogram.percentile(1), 100);
  assert.equal(histogram.mean, 50.5);
  assert.deepEqual([histogram.min, histogram.max, histogram.count], [1, 100, 100]);
});

test("percentiles lie within 1.6 % of those of the values themselves", () => {
  fc.assert(
    fc.property(values, fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1), (recorded, quantile) => {
      const expected = exactly(recorded, quantile);
      const difference = Math.abs(histogramOf(recorded).percentile(quantile) - expected);
      assert.ok(difference <= Math.max(1, expected * 0.016), `${difference} of ${expected}`);
    }),
  );
});

test("merged histograms are what all values together give", () => {
  fc.assert(
    fc.property(values, values, (one, other) => {
      const merged = histogramOf(one);
      // By way of JSON, as it comes from another process.
      merged.merge(JSON.parse(JSON.stringify(histogramOf(other))));
      assert.deepEqual(merged.toJSON(), histogramOf([...one, ...other]).toJSON());
    }),
  );
});

test("taking gives what was counted, and begins anew", () => {
  const histogram = histogramOf([5, 7]);
  assert.equal(histogram.take().count, 2);
  assert.equal(histogram.count, 0);
  assert.ok(Number.isNaN(histogram.percentile(0.5)));
  histogram.record(3);
  assert.deepEqual([histogram.min, histogram.max], [3, 3]);
});

test("what clocks that disagree make negative counts as nothing", () => {
  const histogram = histogramOf([-20]);
  assert.deepEqual([histogram.min, histogram.max, histogram.count], [0, 0, 1]);
});

test("the cumulative distribution rises to one", () => {
  fc.assert(
    fc.property(values, (recorded) => {
      const points = histogramOf(recorded).cumulative();
      const shares = points.map(({ share }) => share);
      assert.deepEqual(
        shares,
        [...shares].sort((one, other) => one - other),
      );
      assert.equal(shares.at(-1), 1);
    }),
  );
});

test("the share above a limit", () => {
  const histogram = histogramOf([10, 20, 30, 40]);
  assert.equal(histogram.shareAbove(20), 0.5);
  assert.equal(histogram.shareAbove(100), 0);
});
