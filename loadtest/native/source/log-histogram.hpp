#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace aparte {

/**
 * Counts of whole numbers (microseconds) in buckets whose width grows with the value: exact up to
 * 128, from there on 64 for each power of two, so that a bucket is at most 1.6 % wide. The buckets
 * are those of loadtest/statistics/histogram.ts, which merges what many engines counted.
 */
class LogHistogram {
public:
  static constexpr unsigned subBucketBits = 6;
  /** Above it values count as this, 12 days in microseconds. */
  static constexpr std::uint64_t maxValue = 1ULL << 40;

  /** Below 0 a value counts as 0: clocks of two machines may disagree a little. */
  void record(std::int64_t value);
  void merge(const LogHistogram &other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }
  [[nodiscard]] std::uint64_t min() const { return min_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }
  [[nodiscard]] const std::vector<std::uint64_t> &buckets() const { return buckets_; }

  /** The upper end of the bucket that holds the `percent`-th of a hundred values; 0 without any. */
  [[nodiscard]] std::uint64_t percentile(double percent) const;

  static std::size_t bucketOf(std::uint64_t value);
  /** The largest value that falls into the bucket. */
  static std::uint64_t upperEnd(std::size_t bucket);

private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t min_ = 0;
  std::uint64_t max_ = 0;
};

} // namespace aparte
