#include "gcm-protection.hpp"

#include "engine-error.hpp"
#include "rtp-packet.hpp"

#include <algorithm>

namespace aparte {

namespace {

constexpr std::size_t tagBytes = 16;
/** Labels of the key derivation, RFC 3711 section 4.3.1. */
constexpr std::uint8_t encryptionLabel = 0;
constexpr std::uint8_t saltLabel = 2;
constexpr std::size_t labelAt = 7;

const EVP_CIPHER *counterMode(std::size_t keyBytes) {
  return keyBytes == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
}

const EVP_CIPHER *galoisMode(std::size_t keyBytes) {
  return keyBytes == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
}

/** AES in counter mode over zeros, RFC 3711 section 4.3.3 with the salt of RFC 7714 section 11. */
Buffer derive(Bytes masterKey, Bytes masterSalt, std::uint8_t label, std::size_t bytes) {
  std::array<std::uint8_t, 16> counter{};
  std::ranges::copy(masterSalt, counter.begin());
  counter[labelAt] ^= label;
  const OpenSslPointer<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  const Buffer zeros(bytes);
  Buffer derived(bytes);
  int written = 0;
  if (context == nullptr ||
      EVP_EncryptInit_ex(context.get(), counterMode(masterKey.size()), nullptr, masterKey.data(),
                         counter.data()) != 1 ||
      EVP_EncryptUpdate(context.get(), derived.data(), &written, zeros.data(), static_cast<int>(bytes)) != 1) {
    throw EngineError("failed", "OpenSSL: no AES in counter mode");
  }
  return derived;
}

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

GcmProtection::GcmProtection(const SrtpProfile &profile, Bytes masterKeyAndSalt, Direction direction)
    : direction_(direction), context_(EVP_CIPHER_CTX_new()) {
  const Bytes masterKey = masterKeyAndSalt.first(profile.keyBytes);
  const Bytes masterSalt = masterKeyAndSalt.subspan(profile.keyBytes, profile.saltBytes);
  const Buffer key = derive(masterKey, masterSalt, encryptionLabel, profile.keyBytes);
  std::ranges::copy(derive(masterKey, masterSalt, saltLabel, salt_.size()), salt_.begin());
  const int isSending = direction == Direction::sending ? 1 : 0;
  if (context_ == nullptr || EVP_CipherInit_ex(context_.get(), galoisMode(key.size()), nullptr,
                                               key.data(), nullptr, isSending) != 1) {
    throw EngineError("failed", "OpenSSL: no AES-GCM");
  }
}

bool GcmProtection::crypt(const std::uint8_t *header, std::size_t headerBytes, std::uint64_t index,
                          std::uint8_t *payload, std::size_t payloadBytes, std::uint8_t *tag) {
  // RFC 7714 section 8.1: SSRC, rollover counter and sequence number, behind two zeros.
  std::array<std::uint8_t, 12> nonce{};
  std::copy_n(header + 8, 4, nonce.begin() + 2);
  putBigEndian(&nonce[6], index, 6);
  for (std::size_t at = 0; at < nonce.size(); ++at) nonce[at] ^= salt_[at];
  EVP_CIPHER_CTX *const context = context_.get();
  const bool isSending = direction_ == Direction::sending;
  int written = 0;
  EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, nonce.data(), -1);
  if (!isSending) EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tagBytes, tag);
  EVP_CipherUpdate(context, nullptr, &written, header, static_cast<int>(headerBytes));
  EVP_CipherUpdate(context, payload, &written, payload, static_cast<int>(payloadBytes));
  if (EVP_CipherFinal_ex(context, payload + payloadBytes, &written) != 1) return false;
  if (isSending) EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tagBytes, tag);
  return true;
}

void GcmProtection::accept(std::unique_ptr<PacketIndices> *known, std::uint32_t ssrc, std::uint64_t index) {
  auto &stream = known != nullptr ? *known : streams_.set(ssrc, std::make_unique<PacketIndices>());
  stream->accept(index);
}

std::size_t GcmProtection::protect(std::uint8_t *packet, std::size_t length) {
  const std::size_t header = headerLength({packet, length});
  if (header == 0) return 0;
  const std::uint32_t ssrc = get32(packet + 8);
  const std::uint16_t sequence = get16(packet + 2);
  auto *const known = streams_.find(ssrc);
  const std::uint64_t index = known == nullptr ? sequence : (*known)->indexOf(sequence);
  if (!crypt(packet, header, index, packet + header, length - header, packet + length)) return 0;
  accept(known, ssrc, index);
  return length + tagBytes;
}

std::size_t GcmProtection::unprotect(MutableBytes packet) {
  const std::size_t header = headerLength(packet);
  if (header == 0 || packet.size() < header + tagBytes) return 0;
  const std::uint32_t ssrc = get32(&packet[8]);
  const std::uint16_t sequence = get16(&packet[2]);
  auto *const known = streams_.find(ssrc);
  const std::uint64_t index = known == nullptr ? sequence : (*known)->indexOf(sequence);
  if (known != nullptr && !(*known)->isFresh(index)) return 0;
  const std::size_t length = packet.size() - tagBytes;
  if (!crypt(packet.data(), header, index, &packet[header], length - header, &packet[length])) return 0;
  // Only now that the tag has proven it: a stranger's packet leaves nothing behind.
  accept(known, ssrc, index);
  return length;
}

} // namespace aparte
