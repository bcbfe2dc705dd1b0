#include "srtp-session.hpp"

#include "engine-error.hpp"

#include <algorithm>

namespace aparte {

namespace {

/** As mediasoup has it: retransmissions and reordering stay well within. */
constexpr unsigned long replayWindowPackets = 1024;

void setCipher(srtp_crypto_policy_t &rtp, srtp_crypto_policy_t &rtcp, std::string_view profile) {
  if (profile == "AES_CM_128_HMAC_SHA1_32") srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&rtp);
  else srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&rtp);
  // RFC 5764 section 4.1.2: the short tag is for RTP alone.
  srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&rtcp);
}

} // namespace

SrtpSession::Session SrtpSession::create(const SrtpProfile &profile, const Buffer &key,
                                         srtp_ssrc_type_t direction) {
  Buffer keyAndSalt = key;
  srtp_policy_t policy{};
  setCipher(policy.rtp, policy.rtcp, profile.name);
  policy.ssrc.type = direction;
  policy.key = keyAndSalt.data();
  policy.window_size = replayWindowPackets;
  policy.allow_repeat_tx = 1;
  srtp_t session = nullptr;
  if (srtp_create(&session, &policy) != srtp_err_status_ok) {
    throw EngineError("failed", "libsrtp takes no keys for " + std::string(profile.name));
  }
  return Session(session);
}

SrtpSession::Gcm::Gcm(const SrtpKeys &keys)
    : sendingRtp(keys.profile, keys.sending), receivingRtp(keys.profile, keys.receiving),
      sendingRtcp(keys.profile, keys.sending), receivingRtcp(keys.profile, keys.receiving) {}

SrtpSession::SrtpSession(const SrtpKeys &keys) {
  if (keys.profile.isGcm()) {
    gcm_.emplace(keys);
    return;
  }
  outbound_ = create(keys.profile, keys.sending, ssrc_any_outbound);
  inbound_ = create(keys.profile, keys.receiving, ssrc_any_inbound);
}

std::size_t SrtpSession::protectRtp(std::uint8_t *packet, std::size_t headerBytes, Bytes payload) {
  if (gcm_) return gcm_->sendingRtp.protect(packet, headerBytes, payload);
  std::ranges::copy(payload, packet + headerBytes);
  int size = static_cast<int>(headerBytes + payload.size());
  const auto status = srtp_protect(outbound_.get(), packet, &size);
  return status == srtp_err_status_ok ? static_cast<std::size_t>(size) : 0;
}

std::size_t SrtpSession::protectRtcp(std::uint8_t *packet, std::size_t length) {
  if (gcm_) return gcm_->sendingRtcp.protect(packet, length);
  int size = static_cast<int>(length);
  const auto status = srtp_protect_rtcp(outbound_.get(), packet, &size);
  return status == srtp_err_status_ok ? static_cast<std::size_t>(size) : 0;
}

std::size_t SrtpSession::unprotectRtp(MutableBytes packet) {
  if (gcm_) return gcm_->receivingRtp.unprotect(packet);
  int size = static_cast<int>(packet.size());
  const auto status = srtp_unprotect(inbound_.get(), packet.data(), &size);
  return status == srtp_err_status_ok ? static_cast<std::size_t>(size) : 0;
}

std::size_t SrtpSession::unprotectRtcp(MutableBytes packet) {
  if (gcm_) return gcm_->receivingRtcp.unprotect(packet);
  int size = static_cast<int>(packet.size());
  const auto status = srtp_unprotect_rtcp(inbound_.get(), packet.data(), &size);
  return status == srtp_err_status_ok ? static_cast<std::size_t>(size) : 0;
}

} // namespace aparte
