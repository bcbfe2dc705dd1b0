#pragma once

#include <cstddef>

namespace aparte {

/** AES-GCM as SRTP (RFC 7714) and SFrame (RFC 9605) use it. */
constexpr std::size_t gcmNonceBytes = 12;
constexpr std::size_t gcmTagBytes = 16;

} // namespace aparte
