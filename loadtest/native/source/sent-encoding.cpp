#include "sent-encoding.hpp"

#include "clock.hpp"
#include "digest.hpp"
#include "vp8-payload.hpp"

#include <algorithm>

namespace aparte {

namespace {

/** What is lost is asked for within that time. */
constexpr double historySeconds = 0.5;
constexpr std::size_t rtxNumberBytes = 2;
constexpr std::uint16_t pictureIdMask = 0x7fff;

std::size_t historyBytes(const IvfFile &media) {
  std::size_t all = 0;
  std::size_t largest = 0;
  for (std::size_t index = 0; index < media.frameCount(); ++index) {
    const std::size_t length = media.frame(index).size();
    all += length;
    largest = std::max(largest, length);
  }
  const double seconds = static_cast<double>(media.frameCount()) / media.framesPerSecond();
  const double kept = static_cast<double>(all) / seconds * historySeconds;
  return static_cast<std::size_t>(kept) + 2 * largest + 16 * maxRtpPacketBytes;
}

std::uint16_t randomSequence() { return static_cast<std::uint16_t>(randomNumber() & 0x7fff); }

} // namespace

SentEncoding::SentEncoding(const SentEncodingOptions &options)
    : media_(options.media), kind_(options.kind), ssrc_(options.ssrc), clockRate_(options.clockRate),
      header_({options.ssrc, options.payloadType, options.ids, options.mid, options.rid}),
      rtxHeader_({options.rtxSsrc, options.rtxPayloadType, options.ids, options.mid, options.rid, true}),
      hasRtx_(options.rtxSsrc != 0), isActive_(options.isActive),
      cursor_(static_cast<std::size_t>(options.phase * static_cast<double>(options.media->frameCount() - 1))),
      sequence_(randomSequence()), rtxSequence_(randomSequence()), pictureId_(randomSequence()),
      timestampOffset_(randomNumber()), history_(historyBytes(*options.media)) {}

void SentEncoding::setActive(bool isActive) {
  // What was left out can't be referred to.
  if (isActive && !isActive_) requestKeyFrame();
  isActive_ = isActive;
}

Bytes SentEncoding::nextFrame() {
  if (wantsKeyFrame_) cursor_ = media_->nextKeyFrame(cursor_);
  wantsKeyFrame_ = false;
  const Bytes frame = media_->frame(cursor_);
  cursor_ = (cursor_ + 1) % media_->frameCount();
  return frame;
}

std::uint32_t SentEncoding::timestampAt(std::int64_t mediaNs) const {
  const auto ns = static_cast<std::uint64_t>(mediaNs);
  const std::uint64_t ticks = ns / nsPerSecond * clockRate_ + ns % nsPerSecond * clockRate_ / nsPerSecond;
  return timestampOffset_ + static_cast<std::uint32_t>(ticks & 0xffff'ffff);
}

void SentEncoding::packetize(Bytes sealed, std::int64_t mediaNs, std::vector<std::uint16_t> &sequences) {
  const std::size_t descriptorBytes = kind_ == MediaKind::video ? vp8DescriptorBytes : 0;
  const std::size_t largest = maxRtpPayloadBytes - descriptorBytes;
  // Of about one size, as encoders cut them; of exactly one but the last, so that they can go to the
  // kernel together.
  const std::size_t count = (sealed.size() + largest - 1) / largest;
  const std::size_t partBytes = count == 0 ? 0 : (sealed.size() + count - 1) / count;
  const std::uint32_t timestamp = timestampAt(mediaNs);
  const std::size_t headerLength = header_.byteLength();
  for (std::size_t index = 0; index < count; ++index) {
    const std::size_t begin = index * partBytes;
    const Bytes part = sealed.subspan(begin, std::min(partBytes, sealed.size() - begin));
    const std::uint16_t sequence = sequence_++;
    const MutableBytes packet = history_.add(sequence, headerLength + descriptorBytes + part.size());
    const bool isLast = index + 1 == count;
    header_.write(packet.data(), sequence, timestamp, kind_ == MediaKind::video && isLast);
    if (descriptorBytes > 0) writeVp8Descriptor(index == 0, pictureId_, &packet[headerLength]);
    std::ranges::copy(part, packet.begin() + static_cast<std::ptrdiff_t>(headerLength + descriptorBytes));
    sequences.push_back(sequence);
    ++packets_;
    bytes_ += static_cast<std::uint32_t>(descriptorBytes + part.size());
  }
  pictureId_ = (pictureId_ + 1) & pictureIdMask;
}

OutgoingPacket SentEncoding::retransmission(std::uint16_t sequence) {
  const Bytes original = packet(sequence);
  if (original.empty() || !hasRtx_) return {&header_, original};
  // RFC 4588 section 4: the number that it had stands before the payload.
  const std::size_t headerLength = rtxHeader_.byteLength();
  const Bytes payload = original.subspan(header_.byteLength());
  rtxHeader_.write(rtxPacket_.data(), rtxSequence_++, get32(&original[4]), (original[1] & 0x80) != 0);
  put16(&rtxPacket_[headerLength], sequence);
  std::ranges::copy(payload, rtxPacket_.begin() + static_cast<std::ptrdiff_t>(headerLength + rtxNumberBytes));
  return {&rtxHeader_, Bytes(rtxPacket_).first(headerLength + rtxNumberBytes + payload.size())};
}

SenderReport SentEncoding::report(std::int64_t realtimeNs, std::int64_t mediaNs) const {
  return {ssrc_, realtimeNs, timestampAt(mediaNs), packets_, bytes_};
}

} // namespace aparte
