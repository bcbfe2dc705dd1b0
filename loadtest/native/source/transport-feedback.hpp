#pragma once

#include "bytes.hpp"

namespace aparte {

/**
 * When the packets of one transport arrived, for the sender's congestion control
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01).
 */
class TransportFeedback {
public:
  void record(std::uint16_t sequence, std::int64_t receivedNs);

  [[nodiscard]] bool isEmpty() const { return arrivalsNs_.empty(); }

  /** Appends one RTCP packet about the oldest that weren't told yet; repeat until `isEmpty`. */
  void write(std::uint32_t ownSsrc, std::uint32_t mediaSsrc, Buffer &target);

private:
  /** From `base_` on; 0 for what hasn't arrived. The last one has. */
  std::vector<std::int64_t> arrivalsNs_;
  std::int64_t base_ = 0;
  bool hasBegun_ = false;
  std::uint8_t count_ = 0;
};

} // namespace aparte
