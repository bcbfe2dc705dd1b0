#pragma once

#include "bytes.hpp"

#include <optional>

namespace aparte {

/** The payload descriptor that every packet begins with, RFC 7741 section 4.2. */
struct Vp8Descriptor {
  /** Whether the frame begins with this packet. */
  bool isStart = false;
  /** 15 bits. */
  std::uint16_t pictureId = 0;
  std::size_t byteLength = 0;
};

constexpr std::size_t vp8DescriptorBytes = 4;

/** With a 15-bit picture id and nothing else. */
void writeVp8Descriptor(bool isStart, std::uint16_t pictureId, std::uint8_t *target);

/** Any descriptor, which senders with temporal layers write as well; nothing when it is cut off. */
std::optional<Vp8Descriptor> parseVp8Descriptor(Bytes payload);

} // namespace aparte
