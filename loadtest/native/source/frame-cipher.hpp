#pragma once

#include "gcm-key.hpp"
#include "gcm-sizes.hpp"

namespace aparte {

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
  [[nodiscard]] std::array<std::uint8_t, gcmNonceBytes> nonceOf(std::uint64_t counter) const;

  std::array<std::uint8_t, gcmNonceBytes> salt_{};
  GcmKey key_;
};

} // namespace aparte
