#include "check.hpp"

#include "digest.hpp"
#include "gcm-rtcp-protection.hpp"
#include "gcm-rtp-protection.hpp"
#include "rtp-packet.hpp"
#include "srtp-session.hpp"

namespace aparte::test {

namespace {

/** libsrtp alone, with the same keys in both directions. */
class Libsrtp {
public:
  Libsrtp(const SrtpProfile &profile, Buffer key, srtp_ssrc_type_t direction) : key_(std::move(key)) {
    srtp_policy_t policy{};
    if (profile.keyBytes == 32) srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
    else srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    policy.rtcp = policy.rtp;
    policy.ssrc.type = direction;
    policy.key = key_.data();
    policy.window_size = 1024;
    check(srtp_create(&session_, &policy) == srtp_err_status_ok, "libsrtp takes the keys");
  }
  ~Libsrtp() { srtp_dealloc(session_); }
  Libsrtp(const Libsrtp &) = delete;
  Libsrtp &operator=(const Libsrtp &) = delete;

  srtp_t get() { return session_; }

private:
  Buffer key_;
  srtp_t session_ = nullptr;
};

Buffer packetOf(std::uint16_t sequence, std::uint32_t ssrc, std::size_t payloadBytes) {
  Buffer packet = fromHex("906000000000000100000000");
  put16(&packet[2], sequence);
  put32(&packet[8], ssrc);
  append(packet, fromHex("bede000110aa0000"));
  for (std::size_t index = 0; index < payloadBytes; ++index) packet.push_back(static_cast<std::uint8_t>(index));
  return packet;
}

Buffer keyOf(const SrtpProfile &profile) {
  Buffer key(profile.keyBytes + profile.saltBytes);
  fillRandom(key);
  return key;
}

/** What stands before the payload of `packetOf`. */
constexpr std::size_t headerBytes = 20;

std::size_t protectRtp(auto &session, Buffer &packet, std::size_t length) {
  return session.protect(packet.data(), headerBytes, Bytes(packet).subspan(headerBytes, length - headerBytes));
}

void agreesWithLibsrtp() {
  for (const char *const name : {"AEAD_AES_128_GCM", "AEAD_AES_256_GCM"}) {
    const SrtpProfile profile = *findSrtpProfile(name);
    const Buffer key = keyOf(profile);
    GcmRtpProtection sending(profile, key);
    GcmRtpProtection receiving(profile, key);
    Libsrtp theirSending(profile, key, ssrc_any_outbound);
    Libsrtp theirReceiving(profile, key, ssrc_any_inbound);
    // Over a wrap of the sequence number, of two streams at once.
    for (std::uint32_t index = 0; index < 200; ++index) {
      for (const std::uint32_t ssrc : {1U, 0xffff'fffeU}) {
        const Buffer original = packetOf(static_cast<std::uint16_t>(65'500 + index), ssrc, index * 7);
        Buffer packet = original;
        packet.resize(original.size() + srtpOverheadBytes);
        int length = static_cast<int>(protectRtp(sending, packet, original.size()));
        checkEqual(static_cast<std::uint64_t>(length), original.size() + 16, "length");
        Buffer ours(packet.begin(), packet.begin() + length);
        check(srtp_unprotect(theirReceiving.get(), packet.data(), &length) == srtp_err_status_ok, "they open ours");
        checkEqual(bufferOf(Bytes(packet).first(static_cast<std::size_t>(length))), original, "ours");

        Buffer theirs = original;
        theirs.resize(original.size() + srtpOverheadBytes);
        length = static_cast<int>(original.size());
        check(srtp_protect(theirSending.get(), theirs.data(), &length) == srtp_err_status_ok, "they seal");
        theirs.resize(static_cast<std::size_t>(length));
        checkEqual(theirs, ours, "the same bytes");
        checkEqual(receiving.unprotect(theirs), original.size(), "we open theirs");
        theirs.resize(original.size());
        checkEqual(theirs, original, "theirs");
      }
    }
  }
}

Buffer rtcpOf(std::uint32_t ssrc, std::size_t bytes) {
  Buffer packet = fromHex("81c9000700000000");
  put32(&packet[4], ssrc);
  for (std::size_t index = 0; index < bytes; ++index) packet.push_back(static_cast<std::uint8_t>(index));
  return packet;
}

void agreesWithLibsrtpOnRtcp() {
  for (const char *const name : {"AEAD_AES_128_GCM", "AEAD_AES_256_GCM"}) {
    const SrtpProfile profile = *findSrtpProfile(name);
    const Buffer key = keyOf(profile);
    GcmRtcpProtection sending(profile, key);
    GcmRtcpProtection receiving(profile, key);
    Libsrtp theirSending(profile, key, ssrc_any_outbound);
    Libsrtp theirReceiving(profile, key, ssrc_any_inbound);
    for (std::uint32_t index = 0; index < 40; ++index) {
      const std::uint32_t ssrc = index % 3;
      const Buffer original = rtcpOf(ssrc, index * 4);
      Buffer packet = original;
      packet.resize(original.size() + srtpOverheadBytes);
      int length = static_cast<int>(sending.protect(packet.data(), original.size()));
      checkEqual(static_cast<std::uint64_t>(length), original.size() + 20, "length");
      check(srtp_unprotect_rtcp(theirReceiving.get(), packet.data(), &length) == srtp_err_status_ok,
            "they open ours");
      checkEqual(bufferOf(Bytes(packet).first(static_cast<std::size_t>(length))), original, "ours");

      Buffer theirs = original;
      theirs.resize(original.size() + srtpOverheadBytes);
      length = static_cast<int>(original.size());
      check(srtp_protect_rtcp(theirSending.get(), theirs.data(), &length) == srtp_err_status_ok, "they seal");
      theirs.resize(static_cast<std::size_t>(length));
      checkEqual(receiving.unprotect(theirs), original.size(), "we open theirs");
      theirs.resize(original.size());
      checkEqual(theirs, original, "theirs");
    }
  }
}

/** Whatever changes one bit, cuts something off, or comes twice. */
void refusesChanges(auto &receiving, const Buffer &packet, std::size_t opened) {
  for (std::size_t at = 0; at < packet.size(); ++at) {
    Buffer changed = packet;
    changed[at] ^= 0x01;
    checkEqual(receiving.unprotect(changed), 0, "changed at " + std::to_string(at));
  }
  for (std::size_t length = 0; length < packet.size(); ++length) {
    Buffer cut(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(length));
    checkEqual(receiving.unprotect(cut), 0, "cut off");
  }
  Buffer first = packet;
  Buffer again = packet;
  checkEqual(receiving.unprotect(first), opened, "the right one");
  checkEqual(receiving.unprotect(again), 0, "twice");
}

void refusesOthers() {
  const SrtpProfile profile = *findSrtpProfile("AEAD_AES_128_GCM");
  const Buffer key = keyOf(profile);
  GcmRtpProtection sending(profile, key);
  GcmRtpProtection receiving(profile, key);
  Buffer packet = packetOf(7, 1, 40);
  const std::size_t length = packet.size();
  packet.resize(length + srtpOverheadBytes);
  packet.resize(protectRtp(sending, packet, length));
  refusesChanges(receiving, packet, length);

  GcmRtcpProtection sendingRtcp(profile, key);
  GcmRtcpProtection receivingRtcp(profile, key);
  Buffer rtcp = rtcpOf(1, 40);
  const std::size_t rtcpLength = rtcp.size();
  rtcp.resize(rtcpLength + srtpOverheadBytes);
  rtcp.resize(sendingRtcp.protect(rtcp.data(), rtcpLength));
  refusesChanges(receivingRtcp, rtcp, rtcpLength);
}

void carriesRtcp() {
  for (const SrtpProfile &profile : allSrtpProfiles()) {
    const Buffer one = keyOf(profile);
    const Buffer other = keyOf(profile);
    SrtpSession here({profile, one, other});
    SrtpSession there({profile, other, one});
    const Buffer original = fromHex("81c9000700000001000000020000000000000000000000000000000000000000");
    Buffer packet = original;
    packet.resize(original.size() + srtpOverheadBytes);
    packet.resize(here.protectRtcp(packet.data(), original.size()));
    check(packet.size() > original.size(), "protected");
    checkEqual(there.unprotectRtcp(packet), original.size(), "opened");
    Buffer rtp = packetOf(9, 3, 100);
    const std::size_t length = rtp.size();
    const Buffer payload = bufferOf(Bytes(rtp).subspan(headerBytes));
    rtp.resize(length + srtpOverheadBytes);
    rtp.resize(here.protectRtp(rtp.data(), headerBytes, payload));
    checkEqual(there.unprotectRtp(rtp), length, "RTP, too");
  }
}

} // namespace

Tests srtpTests() {
  return {{"SRTP: AES-GCM is libsrtp's, byte by byte", agreesWithLibsrtp},
          {"SRTP: AES-GCM of RTCP is libsrtp's", agreesWithLibsrtpOnRtcp},
          {"SRTP: refuses what was changed, cut off or comes twice", refusesOthers},
          {"SRTP: carries RTP and RTCP under each profile", carriesRtcp}};
}

} // namespace aparte::test
