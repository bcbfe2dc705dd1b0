#pragma once

#include "dtls-session.hpp"
#include "gcm-rtcp-protection.hpp"
#include "gcm-rtp-protection.hpp"

#include <srtp2/srtp.h>

#include <memory>
#include <optional>

namespace aparte {

/** Room that a packet must leave behind it for what protection adds. */
constexpr std::size_t srtpOverheadBytes = SRTP_MAX_TRAILER_LEN + 4;

/** Both directions of SRTP and SRTCP: with AES-GCM (RFC 7714) by our own, else (RFC 3711) by libsrtp. */
class SrtpSession {
public:
  explicit SrtpSession(const SrtpKeys &keys);

  /**
   * Behind the header that `packet` begins with, and `srtpOverheadBytes` of room behind the payload;
   * the whole packet's length, or 0.
   */
  std::size_t protectRtp(std::uint8_t *packet, std::size_t headerBytes, Bytes payload);
  /** In place, with `srtpOverheadBytes` behind the packet; the new length, or 0. */
  std::size_t protectRtcp(std::uint8_t *packet, std::size_t length);
  /** In place; 0 for what isn't the peer's, or came before. */
  std::size_t unprotectRtp(MutableBytes packet);
  std::size_t unprotectRtcp(MutableBytes packet);

private:
  struct Deleter {
    void operator()(srtp_ctx_t_ *session) const { srtp_dealloc(session); }
  };
  using Session = std::unique_ptr<srtp_ctx_t_, Deleter>;
  struct Gcm {
    explicit Gcm(const SrtpKeys &keys);

    GcmRtpProtection sendingRtp;
    GcmRtpProtection receivingRtp;
    GcmRtcpProtection sendingRtcp;
    GcmRtcpProtection receivingRtcp;
  };

  static Session create(const SrtpProfile &profile, const Buffer &key, srtp_ssrc_type_t direction);

  /** Either these, or libsrtp's. */
  std::optional<Gcm> gcm_;
  Session outbound_;
  Session inbound_;
};

} // namespace aparte
