#pragma once

#include "bytes.hpp"

#include <vector>

namespace aparte {

/** What a compound RTCP packet asks and tells (RFC 3550 section 6, RFC 4585, RFC 5104). */
struct RtcpContent {
  struct SenderReport {
    std::uint32_t ssrc;
    /** The middle 32 bits of the NTP time, which a receiver report gives back. */
    std::uint32_t ntpMiddle;
  };
  struct Nack {
    std::uint32_t ssrc;
    std::vector<std::uint16_t> sequences;
  };

  std::vector<SenderReport> senderReports;
  std::vector<Nack> nacks;
  /** PLI and FIR: of which streams a key frame is wanted. */
  std::vector<std::uint32_t> keyFramesOf;
};

/** What is cut off or unknown is passed over. */
RtcpContent readRtcp(Bytes compound);

} // namespace aparte
