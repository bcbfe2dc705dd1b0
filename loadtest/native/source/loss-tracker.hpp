#pragma once

#include "replay-window.hpp"

#include <cstdint>
#include <vector>

namespace aparte {

/** Which packets of one stream are missing, and which to ask for again. */
class LossTracker {
public:
  struct Arrival {
    /** The number without its wrap at 2^16. */
    std::int64_t sequence;
    bool isDuplicate;
    /** It was asked for. */
    bool isRepair;
    /** Packets that should have come before it and haven't. */
    std::int64_t newlyMissing;
    /** Numbers that are new with it, itself included: what is expected more than before. */
    std::int64_t newlyExpected;
    /** Of the missing ones, those that were too many to ask for. */
    std::int64_t newlyLost;
  };

  Arrival note(std::uint16_t sequence, std::int64_t nowNs);

  /** Those to ask for now, in rising order; each several times, first at once. */
  std::vector<std::uint16_t> takeDueNacks(std::int64_t nowNs);

  /** How many have been missing for so long that they are lost; forgets them. */
  std::int64_t takeLost(std::int64_t nowNs);

  [[nodiscard]] bool hasMissing() const { return !missing_.empty(); }
  [[nodiscard]] bool hasBegun() const { return hasBegun_; }
  [[nodiscard]] std::uint32_t highest() const { return static_cast<std::uint32_t>(highest_ & 0xffff'ffff); }

  void reset() { *this = LossTracker(); }

private:
  struct Missing {
    std::int64_t sequence;
    std::int64_t sinceNs;
    std::int64_t askedNs;
  };

  bool hasBegun_ = false;
  std::int64_t highest_ = 0;
  ReplayWindow seen_;
  /** In rising order. */
  std::vector<Missing> missing_;
};

} // namespace aparte
