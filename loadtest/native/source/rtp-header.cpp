#include "rtp-header.hpp"

#include "clock.hpp"

#include <algorithm>

namespace aparte {

namespace {

constexpr std::uint16_t oneByteProfile = 0xbede;
constexpr std::uint8_t hasExtension = 0x10;
constexpr std::uint8_t version = 2 << 6;
constexpr std::uint8_t speaks = 0x80;
constexpr std::uint8_t quietest = 127;

} // namespace

RtpHeader::RtpHeader(const Options &options) {
  bytes_.resize(rtpHeaderBytes + 4);
  bytes_[0] = version | hasExtension;
  bytes_[1] = options.payloadType;
  put32(&bytes_[8], options.ssrc);
  put16(&bytes_[12], oneByteProfile);
  const HeaderExtensionIds &ids = options.ids;
  constexpr std::array<std::uint8_t, 3> zeros{};
  const Bytes none = zeros;
  absSendTimeAt_ = ids.absSendTime == 0 ? 0 : bytes_.size() + 1;
  element(ids.absSendTime, none);
  transportCcAt_ = ids.transportCc == 0 ? 0 : bytes_.size() + 1;
  element(ids.transportCc, none.first(2));
  audioLevelAt_ = ids.audioLevel == 0 ? 0 : bytes_.size() + 1;
  element(ids.audioLevel, none.first(1));
  element(ids.mid, bytesOf(options.mid));
  element(options.isRepair ? ids.repairedRid : ids.rid, bytesOf(options.rid));
  bytes_.resize((bytes_.size() + 3) & ~std::size_t{3});
  put16(&bytes_[14], static_cast<std::uint32_t>((bytes_.size() - rtpHeaderBytes - 4) / 4));
}

void RtpHeader::element(std::uint8_t id, Bytes value) {
  if (id == 0 || value.empty()) return;
  const Bytes fitting = value.first(std::min<std::size_t>(value.size(), 16));
  bytes_.push_back(static_cast<std::uint8_t>(unsigned{id} << 4 | (fitting.size() - 1)));
  append(bytes_, fitting);
}

void RtpHeader::setAudioLevel(std::uint8_t dbov) {
  if (audioLevelAt_ == 0) return;
  bytes_[audioLevelAt_] = dbov < quietest ? static_cast<std::uint8_t>(speaks | dbov) : quietest;
}

void RtpHeader::write(std::uint8_t *packet, std::uint16_t sequence, std::uint32_t timestamp, bool marker) const {
  std::memcpy(packet, bytes_.data(), bytes_.size());
  if (marker) packet[1] |= 0x80;
  put16(packet + 2, sequence);
  put32(packet + 4, timestamp);
}

void RtpHeader::stampForSending(std::uint8_t *packet, std::int64_t realtimeNs,
                                std::uint16_t transportSequence) const {
  // Seconds with 18 bits behind the point, of which the lowest 24 bits are sent.
  if (absSendTimeAt_ != 0) {
    const auto ns = static_cast<std::uint64_t>(realtimeNs);
    const std::uint64_t seconds = ns / nsPerSecond;
    const std::uint64_t fraction = ((ns % nsPerSecond) << 18) / nsPerSecond;
    putBigEndian(packet + absSendTimeAt_, (seconds << 18) + fraction, 3);
  }
  if (transportCcAt_ != 0) put16(packet + transportCcAt_, transportSequence);
}

} // namespace aparte
