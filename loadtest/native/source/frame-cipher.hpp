#pragma once

#include "bytes.hpp"
#include "openssl-pointer.hpp"

namespace aparte {

constexpr std::size_t sframeTagBytes = 16;
constexpr std::size_t sframeSaltBytes = 12;

/** AES-GCM under one key of RFC 9605: suite 4 (16 bytes) or 5 (32 bytes). */
class FrameCipher {
public:
  /** Throws `EngineError` with `bad-input` for keys of another size. */
  FrameCipher(Bytes key, Bytes salt);

  /** Appends ciphertext and tag to `target`. */
  void seal(std::uint64_t counter, Bytes associatedData, Bytes plaintext, Buffer &target);

  /** Writes the plaintext over `target`; false when the tag doesn't match. */
  bool open(std::uint64_t counter, Bytes associatedData, Bytes sealed, Buffer &target);

private:
  /** The salt XOR the counter, RFC 9605 section 4.4.3. */
  [[nodiscard]] std::array<std::uint8_t, sframeSaltBytes> nonceOf(std::uint64_t counter) const;
  void begin(std::uint64_t counter, Bytes associatedData, int isSealing);

  std::array<std::uint8_t, sframeSaltBytes> salt_{};
  OpenSslPointer<EVP_CIPHER_CTX> context_;
};

} // namespace aparte
