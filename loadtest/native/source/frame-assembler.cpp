#include "frame-assembler.hpp"

#include "clock.hpp"
#include "media-kind.hpp"

#include <algorithm>

namespace aparte {

namespace {

/** As long as libwebrtc waits for a retransmission, about. */
constexpr std::int64_t patienceNs = 500 * nsPerMs;
constexpr std::size_t maxPending = 64;
constexpr std::size_t maxFrameBytes = 4U << 20;

} // namespace

void FrameAssembler::reset() {
  pending_.clear();
  next_ = -1;
  needsKeyFrame_ = true;
}

FrameAssembler::Pending &FrameAssembler::pendingOf(const Packet &packet) {
  // Nearly always the newest one.
  for (auto each = pending_.rbegin(); each != pending_.rend(); ++each) {
    if (each->timestamp == packet.timestamp) return *each;
  }
  if (pending_.size() == maxPending) {
    recycleFront();
    needsKeyFrame_ = true;
  }
  Pending fresh;
  if (!spare_.empty()) {
    fresh = std::move(spare_.back());
    spare_.pop_back();
  }
  fresh.timestamp = packet.timestamp;
  fresh.lowest = packet.sequence;
  fresh.beganNs = packet.receivedNs;
  fresh.isWanted = isWanted_();
  const auto place = std::ranges::find_if(
      pending_, [&](const Pending &each) { return each.lowest > packet.sequence; });
  return *pending_.insert(place, std::move(fresh));
}

void FrameAssembler::recycleFront() {
  Pending &front = pending_.front();
  Pending emptied;
  emptied.parts = std::move(front.parts);
  emptied.bytes = std::move(front.bytes);
  emptied.parts.clear();
  emptied.bytes.clear();
  spare_.push_back(std::move(emptied));
  pending_.pop_front();
}

void FrameAssembler::push(const Packet &packet) {
  // Of a frame that was given out or given up.
  if (next_ >= 0 && packet.sequence < next_) return;
  Pending &frame = pendingOf(packet);
  if (frame.length + packet.body.size() > maxFrameBytes) return;
  frame.parts.push_back({packet.sequence, frame.length, packet.body.size()});
  frame.length += packet.body.size();
  if (frame.isWanted) append(frame.bytes, packet.body);
  if (packet.isStart) {
    frame.first = packet.sequence;
    frame.isKey = isVp8KeyFrame(packet.body);
  }
  if (packet.marker) frame.last = packet.sequence;
  frame.lowest = std::min(frame.lowest, packet.sequence);
  frame.receivedNs = std::max(frame.receivedNs, packet.receivedNs);
  release();
}

void FrameAssembler::release() {
  while (!pending_.empty()) {
    const auto ready = std::ranges::find_if(pending_, [&](Pending &each) {
      if (!each.isComplete()) return false;
      if (next_ >= 0 && each.first == next_ && !needsKeyFrame_) return true;
      // A key frame needs nothing of what is missing before it.
      return each.isKey;
    });
    if (ready == pending_.end()) return;
    while (&pending_.front() != &*ready) recycleFront();
    giveOut(pending_.front());
  }
}

void FrameAssembler::giveOut(Pending &frame) {
  if (frame.isKey) needsKeyFrame_ = false;
  next_ = frame.last + 1;
  onFrame_({frame.isWanted ? inOrder(frame) : Bytes(), frame.isWanted, frame.isKey, frame.receivedNs});
  recycleFront();
}

Bytes FrameAssembler::inOrder(Pending &frame) {
  if (std::ranges::is_sorted(frame.parts, {}, &Part::sequence)) return frame.bytes;
  std::ranges::sort(frame.parts, {}, &Part::sequence);
  sorted_.clear();
  for (Part &part : frame.parts) {
    const std::size_t offset = sorted_.size();
    append(sorted_, Bytes(frame.bytes).subspan(part.offset, part.length));
    part.offset = offset;
  }
  frame.bytes.swap(sorted_);
  return frame.bytes;
}

void FrameAssembler::expire(std::int64_t nowNs) {
  while (!pending_.empty() && nowNs - pending_.front().beganNs > patienceNs) {
    next_ = std::max(next_, pending_.front().lowest + 1);
    needsKeyFrame_ = true;
    recycleFront();
  }
}

} // namespace aparte
