#include "held-frames.hpp"

namespace aparte {

std::size_t HeldFrames::hold(Frame frame) {
  const bool isFull = frames_.size() == limit;
  if (isFull) frames_.pop_front();
  frames_.push_back(std::move(frame));
  return isFull ? 1 : 0;
}

std::size_t HeldFrames::expire(std::int64_t nowNs) {
  std::size_t dropped = 0;
  while (!frames_.empty() && nowNs - frames_.front().receivedNs > patienceNs) {
    frames_.pop_front();
    ++dropped;
  }
  return dropped;
}

} // namespace aparte
