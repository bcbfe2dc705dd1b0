#include "openssl-gcm.hpp"

#include "engine-error.hpp"
#include "gcm-sizes.hpp"

namespace aparte {

namespace {

const EVP_CIPHER *cipherFor(std::size_t keyBytes) {
  if (keyBytes == 16) return EVP_aes_128_gcm();
  if (keyBytes == 32) return EVP_aes_256_gcm();
  throw EngineError("bad-input", "a key has 16 or 32 bytes");
}

} // namespace

OpenSslGcm::OpenSslGcm(Bytes key) : context_(EVP_CIPHER_CTX_new()) {
  // The key is expanded here, once. Both directions of GCM use it alike.
  if (context_ == nullptr ||
      EVP_CipherInit_ex(context_.get(), cipherFor(key.size()), nullptr, key.data(), nullptr, 1) != 1) {
    throw EngineError("failed", "OpenSSL: no AES-GCM");
  }
}

void OpenSslGcm::begin(const std::uint8_t *nonce, Bytes associatedData, Bytes input, std::uint8_t *target,
                       int isSealing) {
  int written = 0;
  EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce, isSealing);
  EVP_CipherUpdate(context_.get(), nullptr, &written, associatedData.data(),
                   static_cast<int>(associatedData.size()));
  EVP_CipherUpdate(context_.get(), target, &written, input.data(), static_cast<int>(input.size()));
}

void OpenSslGcm::seal(const std::uint8_t *nonce, Bytes associatedData, Bytes plaintext, std::uint8_t *target,
                      std::uint8_t *tag) {
  int written = 0;
  begin(nonce, associatedData, plaintext, target, 1);
  EVP_CipherFinal_ex(context_.get(), target + plaintext.size(), &written);
  EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, gcmTagBytes, tag);
}

bool OpenSslGcm::open(const std::uint8_t *nonce, Bytes associatedData, Bytes ciphertext, std::uint8_t *target,
                      const std::uint8_t *tag) {
  int written = 0;
  // OpenSSL's signature is older than const; it only reads the tag.
  auto *const expected = const_cast<std::uint8_t *>(tag);
  begin(nonce, associatedData, ciphertext, target, 0);
  EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, gcmTagBytes, expected);
  return EVP_CipherFinal_ex(context_.get(), target + ciphertext.size(), &written) == 1;
}

} // namespace aparte
