#pragma once

#include "replay-window.hpp"

#include <unordered_map>

namespace aparte {

/** The packet index of each SSRC: its sequence number with how often that wrapped (RFC 3711 section 3.3.1). */
class RtpSequences {
public:
  /** The index that the number most likely has. */
  [[nodiscard]] std::uint64_t indexOf(std::uint32_t ssrc, std::uint16_t sequence) const;
  /** Whether a packet of that index hasn't come before, as far as is remembered. */
  [[nodiscard]] bool isFresh(std::uint32_t ssrc, std::uint64_t index) const;
  /** It was sent, or has proven to be the peer's. */
  void accept(std::uint32_t ssrc, std::uint64_t index);

private:
  struct Stream {
    std::uint64_t highest = 0;
    ReplayWindow seen;
  };

  std::unordered_map<std::uint32_t, Stream> streams_;
};

} // namespace aparte
