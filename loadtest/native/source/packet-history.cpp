#include "packet-history.hpp"

#include <algorithm>

namespace aparte {

MutableBytes PacketHistory::add(std::uint16_t sequence, std::size_t length) {
  length = std::min(length, ring_.size());
  std::size_t offset = end_;
  if (ring_.size() - offset < length) {
    // What stands between here and the end of the ring is older than what stands at its beginning.
    while (!entries_.empty() && entries_.front().offset >= offset) entries_.pop_front();
    offset = 0;
  }
  while (!entries_.empty() && entries_.front().offset >= offset && entries_.front().offset < offset + length) {
    entries_.pop_front();
  }
  entries_.push_back({sequence, offset, length});
  end_ = offset + length;
  return MutableBytes(ring_).subspan(offset, length);
}

Bytes PacketHistory::find(std::uint16_t sequence) const {
  if (entries_.empty()) return {};
  // Numbers follow each other, so the place is known.
  const auto distance = static_cast<std::uint16_t>(sequence - entries_.front().sequence);
  if (distance >= entries_.size()) return {};
  const Entry &entry = entries_[distance];
  return Bytes(ring_).subspan(entry.offset, entry.length);
}

} // namespace aparte
