#pragma once

#include "bytes.hpp"
#include "srtp-profile.hpp"

namespace aparte {

/** What a session key is for: labels of RFC 3711 section 4.3.1. */
enum class SrtpLabel : std::uint8_t { rtpKey = 0, rtpSalt = 2, rtcpKey = 3, rtcpSalt = 5 };

/**
 * One session key or salt of that many bytes, RFC 3711 section 4.3.3 with the salts of RFC 7714
 * section 11, from the master key followed by its salt.
 */
Buffer deriveSrtpKey(const SrtpProfile &profile, Bytes masterKeyAndSalt, SrtpLabel label, std::size_t bytes);

} // namespace aparte
