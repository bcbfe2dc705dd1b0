#include "frame-cipher.hpp"

#include "engine-error.hpp"

#include <algorithm>

namespace aparte {

namespace {

const EVP_CIPHER *cipherFor(std::size_t keyBytes) {
  if (keyBytes == 16) return EVP_aes_128_gcm();
  if (keyBytes == 32) return EVP_aes_256_gcm();
  throw EngineError("bad-input", "a key has 16 or 32 bytes");
}

} // namespace

FrameCipher::FrameCipher(Bytes key, Bytes salt) : context_(EVP_CIPHER_CTX_new()) {
  if (salt.size() != sframeSaltBytes) throw EngineError("bad-input", "a salt has 12 bytes");
  std::ranges::copy(salt, salt_.begin());
  // The key is expanded here, once for all frames. Both directions of GCM use it alike.
  if (context_ == nullptr ||
      EVP_CipherInit_ex(context_.get(), cipherFor(key.size()), nullptr, key.data(), nullptr, 1) != 1) {
    throw EngineError("failed", "OpenSSL: no AES-GCM");
  }
}

std::array<std::uint8_t, sframeSaltBytes> FrameCipher::nonceOf(std::uint64_t counter) const {
  auto nonce = salt_;
  for (std::size_t index = 0; index < 8; ++index) {
    nonce[sframeSaltBytes - 1 - index] ^= static_cast<std::uint8_t>((counter >> (8 * index)) & 0xff);
  }
  return nonce;
}

void FrameCipher::begin(std::uint64_t counter, Bytes associatedData, int isSealing) {
  const auto nonce = nonceOf(counter);
  int written = 0;
  EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce.data(), isSealing);
  EVP_CipherUpdate(context_.get(), nullptr, &written, associatedData.data(),
                   static_cast<int>(associatedData.size()));
}

void FrameCipher::seal(std::uint64_t counter, Bytes associatedData, Bytes plaintext, Buffer &target) {
  const std::size_t at = target.size();
  target.resize(at + plaintext.size() + sframeTagBytes);
  int written = 0;
  begin(counter, associatedData, 1);
  EVP_CipherUpdate(context_.get(), &target[at], &written, plaintext.data(),
                   static_cast<int>(plaintext.size()));
  EVP_CipherFinal_ex(context_.get(), &target[at] + written, &written);
  EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, sframeTagBytes, &target[at + plaintext.size()]);
}

bool FrameCipher::open(std::uint64_t counter, Bytes associatedData, Bytes sealed, Buffer &target) {
  if (sealed.size() < sframeTagBytes) return false;
  const Bytes ciphertext = sealed.first(sealed.size() - sframeTagBytes);
  std::array<std::uint8_t, sframeTagBytes> tag{};
  std::ranges::copy(sealed.last(sframeTagBytes), tag.begin());
  // One more, so that there is a place to write to when the frame is empty.
  target.resize(ciphertext.size() + 1);
  int written = 0;
  begin(counter, associatedData, 0);
  EVP_CipherUpdate(context_.get(), target.data(), &written, ciphertext.data(),
                   static_cast<int>(ciphertext.size()));
  EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, sframeTagBytes, tag.data());
  const bool matches = EVP_CipherFinal_ex(context_.get(), target.data() + written, &written) == 1;
  target.resize(ciphertext.size());
  return matches;
}

} // namespace aparte
