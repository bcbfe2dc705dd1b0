#include "rtp-sequences.hpp"

#include "rtp-packet.hpp"

#include <algorithm>

namespace aparte {

std::uint64_t RtpSequences::indexOf(std::uint32_t ssrc, std::uint16_t sequence) const {
  const auto found = streams_.find(ssrc);
  if (found == streams_.end()) return sequence;
  const std::int64_t index = extendSequence(sequence, static_cast<std::int64_t>(found->second.highest));
  // Before the first packet of all there is no earlier round.
  return static_cast<std::uint64_t>(index < 0 ? index + 0x1'0000 : index);
}

bool RtpSequences::isFresh(std::uint32_t ssrc, std::uint64_t index) const {
  const auto found = streams_.find(ssrc);
  return found == streams_.end() || found->second.seen.isFresh(index);
}

void RtpSequences::accept(std::uint32_t ssrc, std::uint64_t index) {
  Stream &stream = streams_[ssrc];
  stream.highest = std::max(stream.highest, index);
  stream.seen.accept(index);
}

} // namespace aparte
