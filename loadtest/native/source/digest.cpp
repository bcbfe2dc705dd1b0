#include "digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <stdexcept>

namespace aparte {

namespace {

constexpr std::array<std::uint32_t, 256> makeCrcTable() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb8'8320U : 0U);
    table[byte] = value;
  }
  return table;
}

constexpr auto crcTable = makeCrcTable();

} // namespace

std::array<std::uint8_t, 20> hmacSha1(Bytes key, Bytes message) {
  std::array<std::uint8_t, 20> result{};
  unsigned length = 0;
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), message.data(), message.size(),
       result.data(), &length);
  return result;
}

Buffer longTermKey(std::string_view name, std::string_view realm, std::string_view password) {
  std::string text(name);
  text.append(":").append(realm).append(":").append(password);
  Buffer key(16);
  unsigned length = 0;
  if (EVP_Digest(text.data(), text.size(), key.data(), &length, EVP_md5(), nullptr) != 1) {
    throw std::runtime_error("this OpenSSL has no MD5, without which there are no TURN credentials");
  }
  return key;
}

std::uint32_t crc32(Bytes bytes) {
  std::uint32_t value = 0xffff'ffffU;
  for (const std::uint8_t byte : bytes) value = (value >> 8) ^ crcTable[(value ^ byte) & 0xff];
  return value ^ 0xffff'ffffU;
}

void fillRandom(MutableBytes target) {
  if (RAND_bytes(target.data(), static_cast<int>(target.size())) != 1) {
    throw std::runtime_error("OpenSSL has no random bytes");
  }
}

std::uint32_t randomNumber() {
  std::array<std::uint8_t, 4> bytes{};
  fillRandom(bytes);
  return get32(bytes.data());
}

std::string randomText(std::size_t characters) {
  constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
  Buffer random(characters);
  fillRandom(random);
  std::string text;
  for (const std::uint8_t byte : random) text.push_back(alphabet[byte % alphabet.size()]);
  return text;
}

} // namespace aparte
