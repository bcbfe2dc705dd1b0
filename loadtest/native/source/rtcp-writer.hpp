#pragma once

#include "bytes.hpp"

#include <span>
#include <string>

namespace aparte {

struct SenderReport {
  std::uint32_t ssrc;
  std::int64_t realtimeNs;
  /** Of the moment above. */
  std::uint32_t rtpTimestamp;
  std::uint32_t packets;
  std::uint32_t bytes;
};

/** RFC 3550 section 6.4.1. */
struct ReportBlock {
  std::uint32_t ssrc;
  std::uint8_t fractionLost;
  std::uint32_t cumulativeLost;
  std::uint32_t highestSequence;
  std::uint32_t jitter;
  std::uint32_t lastSenderReport;
  /** In 1/65536 s. */
  std::uint32_t delaySinceLastSenderReport;
};

constexpr std::size_t maxReportBlocks = 31;

/** Each appends one RTCP packet. */
void writeSenderReport(const SenderReport &report, Buffer &target);
void writeSourceDescription(std::uint32_t ssrc, const std::string &cname, Buffer &target);
/** Of at most `maxReportBlocks`. */
void writeReceiverReport(std::uint32_t ownSsrc, std::span<const ReportBlock> blocks, Buffer &target);
/** `sequences` in rising order. */
void writeNack(std::uint32_t ownSsrc, std::uint32_t mediaSsrc, std::span<const std::uint16_t> sequences,
               Buffer &target);
void writePli(std::uint32_t ownSsrc, std::uint32_t mediaSsrc, Buffer &target);

/** Appends a header whose length `endRtcp` fills in; returns where it began. */
std::size_t beginRtcp(std::uint8_t format, std::uint8_t type, Buffer &target);
/** Pads to 32 bits with zeros and writes the length. */
void endRtcp(std::size_t begin, Buffer &target);

} // namespace aparte
