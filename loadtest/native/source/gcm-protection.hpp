#pragma once

#include "bytes.hpp"
#include "openssl-pointer.hpp"
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
class GcmProtection {
public:
  enum class Direction { sending, receiving };

  /** The master key followed by the master salt. */
  GcmProtection(const SrtpProfile &profile, Bytes masterKeyAndSalt, Direction direction);

  /** In place, with room for the tag behind the packet; the new length, or 0. */
  std::size_t protect(std::uint8_t *packet, std::size_t length);
  /** In place; 0 for what isn't the peer's, or came before. */
  std::size_t unprotect(MutableBytes packet);

private:
  /** `known` is null for the first packet of its SSRC. */
  void accept(std::unique_ptr<PacketIndices> *known, std::uint32_t ssrc, std::uint64_t index);
  bool crypt(const std::uint8_t *header, std::size_t headerBytes, std::uint64_t index,
             std::uint8_t *payload, std::size_t payloadBytes, std::uint8_t *tag);

  Direction direction_;
  std::array<std::uint8_t, 12> salt_{};
  OpenSslPointer<EVP_CIPHER_CTX> context_;
  /** By pointers, so that a search walks over few bytes. */
  SsrcMap<std::unique_ptr<PacketIndices>> streams_;
};

} // namespace aparte
