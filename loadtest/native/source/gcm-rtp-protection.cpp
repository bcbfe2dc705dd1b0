#include "gcm-rtp-protection.hpp"

#include "rtp-packet.hpp"
#include "srtp-key-derivation.hpp"

#include <algorithm>

namespace aparte {

namespace {

/** Fixed header, contributing sources and extension, which aren't encrypted; 0 when it is cut off. */
std::size_t headerLength(Bytes packet) {
  if (packet.size() < rtpHeaderBytes || packet[0] >> 6 != 2) return 0;
  std::size_t length = rtpHeaderBytes + (packet[0] & 0xfU) * 4;
  if ((packet[0] & 0x10) != 0) {
    if (packet.size() < length + 4) return 0;
    length += 4 + static_cast<std::size_t>(get16(&packet[length + 2])) * 4;
  }
  return length <= packet.size() ? length : 0;
}

} // namespace

GcmRtpProtection::GcmRtpProtection(const SrtpProfile &profile, Bytes masterKeyAndSalt)
    : key_(deriveSrtpKey(profile, masterKeyAndSalt, SrtpLabel::rtpKey, profile.keyBytes)) {
  std::ranges::copy(deriveSrtpKey(profile, masterKeyAndSalt, SrtpLabel::rtpSalt, salt_.size()), salt_.begin());
}

std::array<std::uint8_t, gcmNonceBytes> GcmRtpProtection::nonceOf(std::uint32_t ssrc,
                                                                  std::uint64_t index) const {
  // RFC 7714 section 8.1: SSRC, rollover counter and sequence number, behind two zeros.
  std::array<std::uint8_t, gcmNonceBytes> nonce{};
  put32(&nonce[2], ssrc);
  putBigEndian(&nonce[6], index, 6);
  for (std::size_t at = 0; at < nonce.size(); ++at) nonce[at] ^= salt_[at];
  return nonce;
}

void GcmRtpProtection::accept(std::unique_ptr<PacketIndices> *known, std::uint32_t ssrc, std::uint64_t index) {
  auto &stream = known != nullptr ? *known : streams_.set(ssrc, std::make_unique<PacketIndices>());
  stream->accept(index);
}

std::size_t GcmRtpProtection::protect(std::uint8_t *packet, std::size_t headerBytes, Bytes payload) {
  const std::uint32_t ssrc = get32(packet + 8);
  const std::uint16_t sequence = get16(packet + 2);
  auto *const known = streams_.find(ssrc);
  const std::uint64_t index = known == nullptr ? sequence : (*known)->indexOf(sequence);
  std::uint8_t *const target = packet + headerBytes;
  key_.seal(nonceOf(ssrc, index).data(), {packet, headerBytes}, payload, target, target + payload.size());
  accept(known, ssrc, index);
  return headerBytes + payload.size() + gcmTagBytes;
}

std::size_t GcmRtpProtection::unprotect(MutableBytes packet) {
  const std::size_t header = headerLength(packet);
  if (header == 0 || packet.size() < header + gcmTagBytes) return 0;
  const std::uint32_t ssrc = get32(&packet[8]);
  const std::uint16_t sequence = get16(&packet[2]);
  auto *const known = streams_.find(ssrc);
  const std::uint64_t index = known == nullptr ? sequence : (*known)->indexOf(sequence);
  if (known != nullptr && !(*known)->isFresh(index)) return 0;
  const std::size_t length = packet.size() - gcmTagBytes;
  const Bytes sealed = packet.subspan(header, length - header);
  std::uint8_t *const target = packet.data() + header;
  if (!key_.open(nonceOf(ssrc, index).data(), packet.first(header), sealed, target, packet.data() + length)) {
    return 0;
  }
  // Only now that the tag has proven it: a stranger's packet leaves nothing behind.
  accept(known, ssrc, index);
  return length;
}

} // namespace aparte
