#include "srtp-key-derivation.hpp"

#include "engine-error.hpp"
#include "openssl-pointer.hpp"

#include <algorithm>

namespace aparte {

namespace {

constexpr std::size_t labelAt = 7;

const EVP_CIPHER *counterMode(std::size_t keyBytes) {
  return keyBytes == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
}

} // namespace

Buffer deriveSrtpKey(const SrtpProfile &profile, Bytes masterKeyAndSalt, SrtpLabel label, std::size_t bytes) {
  const Bytes masterKey = masterKeyAndSalt.first(profile.keyBytes);
  const Bytes masterSalt = masterKeyAndSalt.subspan(profile.keyBytes, profile.saltBytes);
  std::array<std::uint8_t, 16> counter{};
  std::ranges::copy(masterSalt, counter.begin());
  counter[labelAt] ^= static_cast<std::uint8_t>(label);
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

} // namespace aparte
