#pragma once

#include "bytes.hpp"

#include <optional>

namespace aparte {

/** The SFrame header, RFC 9605 section 4.3. */
struct FrameHeader {
  std::uint64_t keyId = 0;
  std::uint64_t counter = 0;
  std::size_t byteLength = 0;
};

/** Appends the shortest form. */
void encodeFrameHeader(std::uint64_t keyId, std::uint64_t counter, Buffer &target);

/** Nothing when bytes are missing, or when a field is longer than it must be. */
std::optional<FrameHeader> decodeFrameHeader(Bytes bytes);

} // namespace aparte
