#include "loss-tracker.hpp"

#include "clock.hpp"
#include "rtp-packet.hpp"

#include <algorithm>

namespace aparte {

namespace {

constexpr std::int64_t askAgainNs = 100 * nsPerMs;
/** Longer than a round trip across the world, thrice. */
constexpr std::int64_t lostAfterNs = nsPerSecond;
constexpr std::int64_t maxAsked = 512;
/** A larger jump is a stream that began anew. */
constexpr std::int64_t maxJump = 10'000;

} // namespace

LossTracker::Arrival LossTracker::note(std::uint16_t sequence, std::int64_t nowNs) {
  if (!hasBegun_) {
    hasBegun_ = true;
    highest_ = (std::int64_t{1} << 16) + sequence;
    seen_.accept(static_cast<std::uint64_t>(highest_));
    return {highest_, false, false, 0, 1, 0};
  }
  const std::int64_t extended = extendSequence(sequence, highest_);
  const std::int64_t jump = extended - highest_;
  if (jump > maxJump || jump < -maxJump) {
    reset();
    return note(sequence, nowNs);
  }
  if (!seen_.isFresh(static_cast<std::uint64_t>(std::max<std::int64_t>(extended, 0)))) {
    return {extended, true, false, 0, 0, 0};
  }
  seen_.accept(static_cast<std::uint64_t>(extended));
  if (jump < 0) {
    const auto found = std::ranges::find(missing_, extended, &Missing::sequence);
    const bool wasAsked = found != missing_.end() && found->askedNs != 0;
    if (found != missing_.end()) missing_.erase(found);
    return {extended, false, wasAsked, 0, 0, 0};
  }
  const std::int64_t gap = jump - 1;
  const std::int64_t asked = std::min(gap, maxAsked);
  for (std::int64_t each = extended - asked; each < extended; ++each) missing_.push_back({each, nowNs, 0});
  highest_ = extended;
  return {extended, false, false, gap, jump, gap - asked};
}

std::vector<std::uint16_t> LossTracker::takeDueNacks(std::int64_t nowNs) {
  std::vector<std::uint16_t> due;
  for (Missing &each : missing_) {
    if (each.askedNs != 0 && nowNs - each.askedNs < askAgainNs) continue;
    each.askedNs = nowNs;
    due.push_back(static_cast<std::uint16_t>(each.sequence & 0xffff));
  }
  return due;
}

std::int64_t LossTracker::takeLost(std::int64_t nowNs) {
  return static_cast<std::int64_t>(
      std::erase_if(missing_, [&](const Missing &each) { return nowNs - each.sinceNs > lostAfterNs; }));
}

} // namespace aparte
