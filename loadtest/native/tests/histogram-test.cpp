#include "check.hpp"

#include "digest.hpp"
#include "log-histogram.hpp"

#include <cmath>

namespace aparte::test {

namespace {

void bucketsFollowEachOther() {
  for (std::uint64_t value = 0; value < 300'000; ++value) {
    const std::size_t bucket = LogHistogram::bucketOf(value);
    check(value <= LogHistogram::upperEnd(bucket), "upper end");
    check(bucket == 0 || value > LogHistogram::upperEnd(bucket - 1), "lower end");
  }
  // As loadtest/statistics/histogram.ts has them.
  checkEqual(LogHistogram::bucketOf(127), 127, "exact");
  checkEqual(LogHistogram::bucketOf(128), 128, "from there on by two");
  checkEqual(LogHistogram::bucketOf(1ULL << 40), 34 * 64 + 64, "the largest");
}

void merges() {
  LogHistogram one;
  LogHistogram other;
  LogHistogram both;
  for (int index = 0; index < 5'000; ++index) {
    const std::int64_t value = randomNumber() >> (randomNumber() % 32);
    (index % 3 == 0 ? one : other).record(value);
    both.record(value);
  }
  one.merge(LogHistogram());
  one.merge(other);
  check(one.buckets() == both.buckets(), "buckets");
  checkEqual(one.count(), both.count(), "count");
  checkEqual(one.sum(), both.sum(), "sum");
  checkEqual(one.min(), both.min(), "min");
  checkEqual(one.max(), both.max(), "max");
}

void knowsPercentiles() {
  LogHistogram histogram;
  checkEqual(histogram.percentile(99), 0, "of nothing");
  for (std::int64_t value = 1; value <= 10'000; ++value) histogram.record(value);
  for (const double percent : {1.0, 50.0, 95.0, 99.0, 100.0}) {
    const auto found = static_cast<double>(histogram.percentile(percent));
    check(std::abs(found - percent * 100) <= percent * 100 * 0.016 + 1, std::to_string(percent));
  }
  histogram.record(-5);
  checkEqual(histogram.min(), 0, "below zero");
  histogram.record(INT64_MAX);
  checkEqual(histogram.max(), LogHistogram::maxValue, "above all");
}

} // namespace

Tests histogramTests() {
  return {{"histogram: buckets follow each other", bucketsFollowEachOther},
          {"histogram: a merged one is the one of all values", merges},
          {"histogram: knows percentiles to 1.6 %", knowsPercentiles}};
}

} // namespace aparte::test
