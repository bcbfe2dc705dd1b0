#pragma once

#include "replay-window.hpp"
#include "rtp-packet.hpp"

#include <algorithm>

namespace aparte {

/** The packet indices of one SSRC: its sequence numbers with how often they wrapped (RFC 3711 section 3.3.1). */
class PacketIndices {
public:
  /** The index that the number most likely has; the number itself before the first packet. */
  [[nodiscard]] std::uint64_t indexOf(std::uint16_t sequence) const {
    if (!hasBegun_) return sequence;
    const std::int64_t index = extendSequence(sequence, static_cast<std::int64_t>(highest_));
    return static_cast<std::uint64_t>(index < 0 ? index + 0x1'0000 : index);
  }

  /** Whether a packet of that index hasn't come before, as far as is remembered. */
  [[nodiscard]] bool isFresh(std::uint64_t index) const { return seen_.isFresh(index); }

  /** It was sent, or has proven to be the peer's. */
  void accept(std::uint64_t index) {
    highest_ = std::max(highest_, index);
    hasBegun_ = true;
    seen_.accept(index);
  }

private:
  bool hasBegun_ = false;
  std::uint64_t highest_ = 0;
  ReplayWindow seen_;
};

} // namespace aparte
