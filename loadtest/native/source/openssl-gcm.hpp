#pragma once

#include "bytes.hpp"
#include "openssl-pointer.hpp"

namespace aparte {

/** What `GcmKey` says, by OpenSSL, on any processor. */
class OpenSslGcm {
public:
  /** Throws `EngineError` with `bad-input` for keys of another size than 16 or 32 bytes. */
  explicit OpenSslGcm(Bytes key);

  void seal(const std::uint8_t *nonce, Bytes associatedData, Bytes plaintext, std::uint8_t *target,
            std::uint8_t *tag);
  bool open(const std::uint8_t *nonce, Bytes associatedData, Bytes ciphertext, std::uint8_t *target,
            const std::uint8_t *tag);

private:
  void begin(const std::uint8_t *nonce, Bytes associatedData, Bytes input, std::uint8_t *target, int isSealing);

  OpenSslPointer<EVP_CIPHER_CTX> context_;
};

} // namespace aparte
