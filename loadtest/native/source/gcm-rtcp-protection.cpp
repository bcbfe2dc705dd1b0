#include "gcm-rtcp-protection.hpp"

#include "srtp-key-derivation.hpp"

#include <algorithm>

namespace aparte {

namespace {

/** First header and the sender's SSRC, which aren't encrypted. */
constexpr std::size_t clearBytes = 8;
/** The flag that says "encrypted", and 31 bits of index, RFC 3711 section 3.4. */
constexpr std::size_t trailerBytes = 4;
constexpr std::uint32_t isEncrypted = 0x8000'0000;
constexpr std::uint32_t lastIndex = 0x7fff'ffff;

/** RFC 7714 section 9.3: what is clear, and the trailer. */
std::array<std::uint8_t, clearBytes + trailerBytes> associatedDataOf(const std::uint8_t *packet,
                                                                     std::uint32_t trailer) {
  std::array<std::uint8_t, clearBytes + trailerBytes> data;
  std::copy_n(packet, clearBytes, data.begin());
  put32(&data[clearBytes], trailer);
  return data;
}

} // namespace

GcmRtcpProtection::GcmRtcpProtection(const SrtpProfile &profile, Bytes masterKeyAndSalt)
    : key_(deriveSrtpKey(profile, masterKeyAndSalt, SrtpLabel::rtcpKey, profile.keyBytes)) {
  std::ranges::copy(deriveSrtpKey(profile, masterKeyAndSalt, SrtpLabel::rtcpSalt, salt_.size()), salt_.begin());
}

std::array<std::uint8_t, gcmNonceBytes> GcmRtcpProtection::nonceOf(std::uint32_t ssrc,
                                                                   std::uint32_t index) const {
  // RFC 7714 section 9.1: two zeros, SSRC, two zeros, index.
  std::array<std::uint8_t, gcmNonceBytes> nonce{};
  put32(&nonce[2], ssrc);
  put32(&nonce[8], index);
  for (std::size_t at = 0; at < nonce.size(); ++at) nonce[at] ^= salt_[at];
  return nonce;
}

std::size_t GcmRtcpProtection::protect(std::uint8_t *packet, std::size_t length) {
  if (length < clearBytes || sent_ == lastIndex) return 0;
  const std::uint32_t index = ++sent_;
  const std::uint32_t trailer = isEncrypted | index;
  std::uint8_t *const target = packet + clearBytes;
  const Bytes plaintext(target, length - clearBytes);
  const auto associatedData = associatedDataOf(packet, trailer);
  key_.seal(nonceOf(get32(packet + 4), index).data(), associatedData, plaintext, target, packet + length);
  put32(packet + length + gcmTagBytes, trailer);
  return length + gcmTagBytes + trailerBytes;
}

std::size_t GcmRtcpProtection::unprotect(MutableBytes packet) {
  if (packet.size() < clearBytes + gcmTagBytes + trailerBytes) return 0;
  const std::size_t length = packet.size() - gcmTagBytes - trailerBytes;
  const std::uint32_t trailer = get32(&packet[length + gcmTagBytes]);
  if ((trailer & isEncrypted) == 0) return 0;
  const std::uint32_t index = trailer & lastIndex;
  const std::uint32_t ssrc = get32(&packet[4]);
  auto *const known = received_.find(ssrc);
  if (known != nullptr && !(*known)->isFresh(index)) return 0;
  std::uint8_t *const target = packet.data() + clearBytes;
  const auto associatedData = associatedDataOf(packet.data(), trailer);
  const Bytes sealed(target, length - clearBytes);
  if (!key_.open(nonceOf(ssrc, index).data(), associatedData, sealed, target, packet.data() + length)) return 0;
  auto &window = known != nullptr ? *known : received_.set(ssrc, std::make_unique<ReplayWindow>());
  window->accept(index);
  return length;
}

} // namespace aparte
