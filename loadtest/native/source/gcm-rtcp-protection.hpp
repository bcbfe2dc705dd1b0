#pragma once

#include "gcm-key.hpp"
#include "gcm-sizes.hpp"
#include "replay-window.hpp"
#include "srtp-profile.hpp"
#include "ssrc-map.hpp"

#include <memory>

namespace aparte {

/** SRTCP with AES-GCM, RFC 7714 section 9, one direction, always encrypted. Why, see `GcmRtpProtection`. */
class GcmRtcpProtection {
public:
  /** The master key followed by the master salt. */
  GcmRtcpProtection(const SrtpProfile &profile, Bytes masterKeyAndSalt);

  /** In place, with room for tag and index behind the packet; the new length, or 0. */
  std::size_t protect(std::uint8_t *packet, std::size_t length);
  /** In place; 0 for what isn't the peer's, or came before. */
  std::size_t unprotect(MutableBytes packet);

private:
  std::array<std::uint8_t, gcmNonceBytes> nonceOf(std::uint32_t ssrc, std::uint32_t index) const;

  GcmKey key_;
  std::array<std::uint8_t, gcmNonceBytes> salt_{};
  /** One for all senders: an index is never given twice under one key. */
  std::uint32_t sent_ = 0;
  SsrcMap<std::unique_ptr<ReplayWindow>> received_;
};

} // namespace aparte
