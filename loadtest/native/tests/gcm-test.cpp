#include "check.hpp"

#include "digest.hpp"
#include "engine-error.hpp"
#include "gcm-key.hpp"
#include "gcm-sizes.hpp"

namespace aparte::test {

namespace {

Buffer randomBuffer(std::size_t bytes) {
  Buffer buffer(bytes);
  fillRandom(buffer);
  return buffer;
}

/** The one that this machine uses seals what OpenSSL opens, byte by byte, and the other way round. */
void agreesWithOpenSsl() {
  for (const std::size_t keyBytes : {16U, 32U}) {
    const Buffer key = randomBuffer(keyBytes);
    GcmKey used(key);
    OpenSslGcm reference(key);
    for (std::size_t length = 0; length < 1500; length += 1 + length / 9) {
      const Buffer nonce = randomBuffer(gcmNonceBytes);
      const Buffer associatedData = randomBuffer(length % 61);
      const Buffer plaintext = randomBuffer(length);
      Buffer sealed(length + gcmTagBytes);
      Buffer expected(length + gcmTagBytes);
      used.seal(nonce.data(), associatedData, plaintext, sealed.data(), sealed.data() + length);
      reference.seal(nonce.data(), associatedData, plaintext, expected.data(), expected.data() + length);
      checkEqual(sealed, expected, "sealed");
      // In its place, as packets are.
      const Bytes ciphertext = Bytes(expected).first(length);
      check(used.open(nonce.data(), associatedData, ciphertext, expected.data(), expected.data() + length),
            "opened");
      checkEqual(bufferOf(Bytes(expected).first(length)), plaintext, "plaintext");
      sealed[length] ^= 1;
      Buffer target(length + 1);
      check(!used.open(nonce.data(), associatedData, Bytes(sealed).first(length), target.data(),
                       sealed.data() + length),
            "another tag");
    }
  }
}

void refusesOtherKeys() {
  for (const std::size_t keyBytes : {0U, 15U, 24U, 33U}) {
    bool isRefused = false;
    try {
      const GcmKey key(Buffer(keyBytes, 1));
    } catch (const EngineError &error) {
      isRefused = error.code() == "bad-input";
    }
    check(isRefused, "a key of " + std::to_string(keyBytes) + " bytes");
  }
}

} // namespace

Tests gcmTests() {
  return {{"AES-GCM: is OpenSSL's, byte by byte", agreesWithOpenSsl},
          {"AES-GCM: refuses keys of other sizes", refusesOtherKeys}};
}

} // namespace aparte::test
