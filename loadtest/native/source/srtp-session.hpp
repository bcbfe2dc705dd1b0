#pragma once

#include "dtls-session.hpp"
#include "gcm-protection.hpp"

#include <srtp2/srtp.h>

#include <memory>
#include <optional>

namespace aparte {

/** Room that a packet must leave behind it for what protection adds. */
constexpr std::size_t srtpOverheadBytes = SRTP_MAX_TRAILER_LEN + 4;

/**
 * Both directions of SRTP and SRTCP (RFC 3711, RFC 7714): by libsrtp, but RTP under AES-GCM, which
 * is nearly all that a call sends, by `GcmProtection`.
 */
class SrtpSession {
public:
  explicit SrtpSession(const SrtpKeys &keys);

  /** In place, with `srtpOverheadBytes` behind the packet; the new length, or 0. */
  std::size_t protectRtp(std::uint8_t *packet, std::size_t length);
  std::size_t protectRtcp(std::uint8_t *packet, std::size_t length);
  /** In place; 0 for what isn't the peer's, or came before. */
  std::size_t unprotectRtp(MutableBytes packet);
  std::size_t unprotectRtcp(MutableBytes packet);

private:
  struct Deleter {
    void operator()(srtp_ctx_t_ *session) const { srtp_dealloc(session); }
  };
  using Session = std::unique_ptr<srtp_ctx_t_, Deleter>;

  static Session create(const SrtpProfile &profile, const Buffer &key, srtp_ssrc_type_t direction);

  Session outbound_;
  Session inbound_;
  std::optional<GcmProtection> sending_;
  std::optional<GcmProtection> receiving_;
};

} // namespace aparte
