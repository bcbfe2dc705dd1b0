#include "transport-feedback.hpp"

#include "clock.hpp"
#include "rtcp-type.hpp"
#include "rtcp-writer.hpp"
#include "rtp-packet.hpp"

#include <algorithm>
#include <limits>

namespace aparte {

namespace {

constexpr std::int64_t tickNs = 250 * nsPerUs;
constexpr std::int64_t referenceNs = 64 * nsPerMs;
/** A report of so many fits into a datagram, whatever is in it. */
constexpr std::size_t maxReported = 350;
/** A jump by more is a sender that began anew. */
constexpr std::int64_t maxJump = 2000;

constexpr unsigned notReceived = 0;
constexpr unsigned smallDelta = 1;
constexpr unsigned largeDelta = 2;
constexpr std::size_t symbolsPerVector = 7;
constexpr std::size_t longestRun = 0x1fff;

void writeChunks(std::span<const unsigned> symbols, ByteWriter &writer) {
  for (std::size_t at = 0; at < symbols.size();) {
    const unsigned first = symbols[at];
    const std::size_t end = std::min(symbols.size(), at + longestRun);
    std::size_t run = 1;
    while (at + run < end && symbols[at + run] == first) ++run;
    if (run >= symbolsPerVector) {
      writer.u16(first << 13 | run);
      at += run;
      continue;
    }
    // Two bits a symbol; what lies behind the last one isn't counted.
    unsigned chunk = 0b11;
    for (std::size_t index = 0; index < symbolsPerVector; ++index) {
      chunk = chunk << 2 | (at + index < symbols.size() ? symbols[at + index] : notReceived);
    }
    writer.u16(chunk);
    at += symbolsPerVector;
  }
}

} // namespace

void TransportFeedback::record(std::uint16_t sequence, std::int64_t receivedNs) {
  std::int64_t extended = hasBegun_ ? extendSequence(sequence, base_) : sequence + (std::int64_t{1} << 20);
  const std::int64_t distance = extended - base_;
  if (!hasBegun_ || distance > maxJump || distance < -maxJump) {
    arrivalsNs_.clear();
    base_ = extended;
    hasBegun_ = true;
  }
  // Told already, as missing or as received.
  if (extended < base_) return;
  const auto index = static_cast<std::size_t>(extended - base_);
  if (index >= arrivalsNs_.size()) arrivalsNs_.resize(index + 1);
  if (arrivalsNs_[index] == 0) arrivalsNs_[index] = receivedNs;
}

void TransportFeedback::write(std::uint32_t ownSsrc, std::uint32_t mediaSsrc, Buffer &target) {
  const std::size_t available = std::min(arrivalsNs_.size(), maxReported);
  const auto firstNs = *std::ranges::find_if(arrivalsNs_, [](std::int64_t ns) { return ns != 0; });
  const std::int64_t reference = firstNs / referenceNs;
  std::vector<unsigned> symbols;
  Buffer deltas;
  ByteWriter deltaWriter(deltas);
  std::int64_t lastTicks = reference * (referenceNs / tickNs);
  for (std::size_t index = 0; index < available; ++index) {
    if (arrivalsNs_[index] == 0) {
      symbols.push_back(notReceived);
      continue;
    }
    const std::int64_t ticks = arrivalsNs_[index] / tickNs;
    const std::int64_t delta = ticks - lastTicks;
    if (delta < std::numeric_limits<std::int16_t>::min() || delta > std::numeric_limits<std::int16_t>::max()) break;
    lastTicks = ticks;
    const bool isSmall = delta >= 0 && delta <= 0xff;
    symbols.push_back(isSmall ? smallDelta : largeDelta);
    if (isSmall) deltaWriter.u8(static_cast<std::uint64_t>(delta));
    else deltaWriter.u16(static_cast<std::uint64_t>(delta));
  }
  const std::size_t begin = beginRtcp(rtcpType::transportCcFormat, rtcpType::transportFeedback, target);
  ByteWriter writer(target);
  writer.u32(ownSsrc);
  writer.u32(mediaSsrc);
  writer.u16(static_cast<std::uint64_t>(base_));
  writer.u16(symbols.size());
  writer.u24(static_cast<std::uint64_t>(reference));
  writer.u8(count_++);
  writeChunks(symbols, writer);
  writer.bytes(deltas);
  endRtcp(begin, target);
  arrivalsNs_.erase(arrivalsNs_.begin(), arrivalsNs_.begin() + static_cast<std::ptrdiff_t>(symbols.size()));
  base_ += static_cast<std::int64_t>(symbols.size());
}

} // namespace aparte
