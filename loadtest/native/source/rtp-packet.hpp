#pragma once

#include "bytes.hpp"

#include <optional>

namespace aparte {

constexpr std::size_t rtpHeaderBytes = 12;
/** RTP payload of a packet at most, as mediasoup's senders in browsers keep it. */
constexpr std::size_t maxRtpPayloadBytes = 1200;
/** With header, extensions and the number that RTX puts before the payload. */
constexpr std::size_t maxRtpPacketBytes = maxRtpPayloadBytes + 128;

/** Ids of header extensions (RFC 8285 section 4.2); 0 for those that aren't used. */
struct HeaderExtensionIds {
  std::uint8_t mid = 0;
  std::uint8_t rid = 0;
  std::uint8_t repairedRid = 0;
  std::uint8_t absSendTime = 0;
  std::uint8_t transportCc = 0;
  std::uint8_t audioLevel = 0;
};

/** What is read of a received packet, RFC 3550 section 5.1. */
struct RtpPacket {
  std::uint8_t payloadType = 0;
  bool marker = false;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  std::optional<std::uint16_t> transportSequence;
  /** Without padding. */
  Bytes payload;
};

/** Nothing for what isn't RTP from its first to its last byte. */
std::optional<RtpPacket> parseRtp(Bytes bytes, std::uint8_t transportCcId);

/** Packets and their RTCP share a port: RFC 5761 section 4. */
inline bool isRtcp(Bytes bytes) { return bytes.size() >= 2 && bytes[1] >= 192 && bytes[1] <= 223; }

/** The number with the upper bits that bring it closest to `reference`. */
inline std::int64_t extendSequence(std::uint16_t sequence, std::int64_t reference) {
  const auto difference = static_cast<std::int16_t>(static_cast<std::uint16_t>(
      sequence - static_cast<std::uint16_t>(reference & 0xffff)));
  return reference + difference;
}

} // namespace aparte
