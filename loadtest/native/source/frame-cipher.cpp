#include "frame-cipher.hpp"

#include "engine-error.hpp"

#include <algorithm>

namespace aparte {

FrameCipher::FrameCipher(Bytes key, Bytes salt) : key_(key) {
  if (salt.size() != gcmNonceBytes) throw EngineError("bad-input", "a salt has 12 bytes");
  std::ranges::copy(salt, salt_.begin());
}

std::array<std::uint8_t, gcmNonceBytes> FrameCipher::nonceOf(std::uint64_t counter) const {
  auto nonce = salt_;
  for (std::size_t index = 0; index < 8; ++index) {
    nonce[gcmNonceBytes - 1 - index] ^= static_cast<std::uint8_t>((counter >> (8 * index)) & 0xff);
  }
  return nonce;
}

void FrameCipher::seal(std::uint64_t counter, Bytes associatedData, Bytes plaintext, Buffer &target) {
  const std::size_t at = target.size();
  target.resize(at + plaintext.size() + gcmTagBytes);
  key_.seal(nonceOf(counter).data(), associatedData, plaintext, &target[at], &target[at + plaintext.size()]);
}

bool FrameCipher::open(std::uint64_t counter, Bytes associatedData, Bytes sealed, Buffer &target) {
  if (sealed.size() < gcmTagBytes) return false;
  const Bytes ciphertext = sealed.first(sealed.size() - gcmTagBytes);
  // One more, so that there is a place to write to when the frame is empty.
  target.resize(ciphertext.size() + 1);
  const bool matches = key_.open(nonceOf(counter).data(), associatedData, ciphertext, target.data(),
                                 sealed.last(gcmTagBytes).data());
  target.resize(ciphertext.size());
  return matches;
}

} // namespace aparte
