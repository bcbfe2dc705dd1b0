#include "rtcp-writer.hpp"

#include "clock.hpp"
#include "rtcp-type.hpp"

#include <algorithm>

namespace aparte {

namespace {

/** Between 1900, whence NTP counts, and 1970. */
constexpr std::uint64_t ntpEpochS = 2'208'988'800;
constexpr std::uint8_t cnameItem = 1;

std::uint64_t ntpTime(std::int64_t realtimeNs) {
  const auto ns = static_cast<std::uint64_t>(realtimeNs);
  const std::uint64_t fraction = ((ns % nsPerSecond) << 32) / nsPerSecond;
  return ((ns / nsPerSecond + ntpEpochS) << 32) | fraction;
}

} // namespace

std::size_t beginRtcp(std::uint8_t format, std::uint8_t type, Buffer &target) {
  const std::size_t begin = target.size();
  ByteWriter writer(target);
  writer.u8(0x80U | format);
  writer.u8(type);
  writer.u16(0);
  return begin;
}

void endRtcp(std::size_t begin, Buffer &target) {
  while ((target.size() - begin) % 4 != 0) target.push_back(0);
  put16(&target[begin + 2], static_cast<std::uint32_t>((target.size() - begin) / 4 - 1));
}

void writeSenderReport(const SenderReport &report, Buffer &target) {
  const std::size_t begin = beginRtcp(0, rtcpType::senderReport, target);
  ByteWriter writer(target);
  writer.u32(report.ssrc);
  writer.u64(ntpTime(report.realtimeNs));
  writer.u32(report.rtpTimestamp);
  writer.u32(report.packets);
  writer.u32(report.bytes);
  endRtcp(begin, target);
}

void writeSourceDescription(std::uint32_t ssrc, const std::string &cname, Buffer &target) {
  const std::size_t begin = beginRtcp(1, rtcpType::sourceDescription, target);
  ByteWriter writer(target);
  const Bytes text = bytesOf(cname).first(std::min<std::size_t>(cname.size(), 255));
  writer.u32(ssrc);
  writer.u8(cnameItem);
  writer.u8(text.size());
  writer.bytes(text);
  // A chunk ends with at least one zero (RFC 3550 section 6.5).
  writer.u8(0);
  endRtcp(begin, target);
}

void writeReceiverReport(std::uint32_t ownSsrc, std::span<const ReportBlock> blocks, Buffer &target) {
  const auto count = static_cast<std::uint8_t>(std::min(blocks.size(), maxReportBlocks));
  const std::size_t begin = beginRtcp(count, rtcpType::receiverReport, target);
  ByteWriter writer(target);
  writer.u32(ownSsrc);
  for (const ReportBlock &block : blocks.first(count)) {
    writer.u32(block.ssrc);
    writer.u8(block.fractionLost);
    writer.u24(block.cumulativeLost);
    writer.u32(block.highestSequence);
    writer.u32(block.jitter);
    writer.u32(block.lastSenderReport);
    writer.u32(block.delaySinceLastSenderReport);
  }
  endRtcp(begin, target);
}

void writeNack(std::uint32_t ownSsrc, std::uint32_t mediaSsrc, std::span<const std::uint16_t> sequences,
               Buffer &target) {
  const std::size_t begin = beginRtcp(rtcpType::nackFormat, rtcpType::transportFeedback, target);
  ByteWriter writer(target);
  writer.u32(ownSsrc);
  writer.u32(mediaSsrc);
  for (std::size_t index = 0; index < sequences.size();) {
    const std::uint16_t first = sequences[index++];
    unsigned following = 0;
    while (index < sequences.size()) {
      const auto distance = static_cast<std::uint16_t>(sequences[index] - first);
      if (distance == 0 || distance > 16) break;
      following |= 1U << (distance - 1);
      ++index;
    }
    writer.u16(first);
    writer.u16(following);
  }
  endRtcp(begin, target);
}

void writePli(std::uint32_t ownSsrc, std::uint32_t mediaSsrc, Buffer &target) {
  const std::size_t begin = beginRtcp(rtcpType::pliFormat, rtcpType::payloadFeedback, target);
  ByteWriter writer(target);
  writer.u32(ownSsrc);
  writer.u32(mediaSsrc);
  endRtcp(begin, target);
}

} // namespace aparte
