#pragma once

#include "bytes.hpp"

#include <deque>
#include <utility>

namespace aparte {

/**
 * Frames of one stream whose key isn't here yet: a sender may seal with a new epoch before its keys
 * have come. They wait as long, and as many of them, as the client lets them (`holdMs` and
 * `holdLimit` of src/e2ee/worker/messages.ts).
 */
class HeldFrames {
public:
  struct Frame {
    Buffer bytes;
    bool isKey;
    bool isLate;
    /** By the real-time clock. */
    std::int64_t receivedNs;
  };

  static constexpr std::size_t limit = 64;
  static constexpr std::int64_t patienceNs = 500'000'000;

  /** How many made room for it, 0 or 1. */
  std::size_t hold(Frame frame);

  /** How many have waited for too long; they are gone. */
  std::size_t expire(std::int64_t nowNs);

  /** All that wait, the oldest first; none waits any more. */
  std::deque<Frame> take() { return std::exchange(frames_, {}); }

  [[nodiscard]] bool isEmpty() const { return frames_.empty(); }

private:
  std::deque<Frame> frames_;
};

} // namespace aparte
