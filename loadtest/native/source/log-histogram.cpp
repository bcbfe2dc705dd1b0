#include "log-histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace aparte {

namespace {

constexpr std::uint64_t subBuckets = 1ULL << LogHistogram::subBucketBits;
constexpr std::uint64_t exactBelow = subBuckets * 2;

} // namespace

std::size_t LogHistogram::bucketOf(std::uint64_t value) {
  if (value < exactBelow) return value;
  const auto highest = static_cast<unsigned>(std::bit_width(value)) - 1;
  const unsigned shift = highest - subBucketBits;
  return shift * subBuckets + (value >> shift);
}

std::uint64_t LogHistogram::upperEnd(std::size_t bucket) {
  if (bucket < exactBelow) return bucket;
  const std::uint64_t shift = bucket / subBuckets - 1;
  const std::uint64_t within = bucket - shift * subBuckets;
  return ((within + 1) << shift) - 1;
}

void LogHistogram::record(std::int64_t value) {
  const std::uint64_t held = value < 0 ? 0 : std::min(static_cast<std::uint64_t>(value), maxValue);
  const std::size_t bucket = bucketOf(held);
  if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
  ++buckets_[bucket];
  min_ = count_ == 0 ? held : std::min(min_, held);
  max_ = std::max(max_, held);
  ++count_;
  sum_ += held;
}

void LogHistogram::merge(const LogHistogram &other) {
  if (other.count_ == 0) return;
  if (other.buckets_.size() > buckets_.size()) buckets_.resize(other.buckets_.size());
  for (std::size_t bucket = 0; bucket < other.buckets_.size(); ++bucket) {
    buckets_[bucket] += other.buckets_[bucket];
  }
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  count_ += other.count_;
  sum_ += other.sum_;
}

std::uint64_t LogHistogram::percentile(double percent) const {
  const double wanted = std::ceil(static_cast<double>(count_) * percent / 100);
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen > 0 && static_cast<double>(seen) >= wanted) return std::min(upperEnd(bucket), max_);
  }
  return 0;
}

} // namespace aparte
