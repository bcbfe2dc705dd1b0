#pragma once

#include "gcm-key.hpp"
#include "gcm-sizes.hpp"
#include "packet-indices.hpp"
#include "srtp-profile.hpp"
#include "ssrc-map.hpp"

#include <memory>

namespace aparte {

/**
 * SRTP with AES-GCM for RTP, RFC 7714 section 8, one direction. libsrtp does the same; Debian's does
 * it by NSS, which takes several times as long with many sessions in one process (docs/adr/0020).
 * The tests hold each to the other.
 */
class GcmRtpProtection {
public:
  /** The master key followed by the master salt. */
  GcmRtpProtection(const SrtpProfile &profile, Bytes masterKeyAndSalt);

  /**
   * Writes the sealed payload and the tag behind the header that `packet` begins with; the whole
   * packet's length. The payload may stand in its place already.
   */
  std::size_t protect(std::uint8_t *packet, std::size_t headerBytes, Bytes payload);
  /** In place; 0 for what isn't the peer's, or came before. */
  std::size_t unprotect(MutableBytes packet);

private:
  /** `known` is null for the first packet of its SSRC. */
  void accept(std::unique_ptr<PacketIndices> *known, std::uint32_t ssrc, std::uint64_t index);
  std::array<std::uint8_t, gcmNonceBytes> nonceOf(std::uint32_t ssrc, std::uint64_t index) const;

  GcmKey key_;
  std::array<std::uint8_t, gcmNonceBytes> salt_{};
  /** By pointers, so that a search walks over few bytes. */
  SsrcMap<std::unique_ptr<PacketIndices>> streams_;
};

} // namespace aparte
