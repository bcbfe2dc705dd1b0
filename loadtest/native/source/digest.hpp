#pragma once

#include "bytes.hpp"

#include <array>

namespace aparte {

/** RFC 2104 with SHA-1, as STUN wants it. */
std::array<std::uint8_t, 20> hmacSha1(Bytes key, Bytes message);

/** The key of long-term credentials, RFC 8489 section 9.2.2: `MD5(name:realm:password)`. */
Buffer longTermKey(std::string_view name, std::string_view realm, std::string_view password);

/** CRC-32 of ISO 3309, which STUN's fingerprint is made of. */
std::uint32_t crc32(Bytes bytes);

void fillRandom(MutableBytes target);
std::uint32_t randomNumber();

/** Letters and digits, for ICE (RFC 8839 section 5.4). */
std::string randomText(std::size_t characters);

} // namespace aparte
