#include "vp8-payload.hpp"

namespace aparte {

void writeVp8Descriptor(bool isStart, std::uint16_t pictureId, std::uint8_t *target) {
  target[0] = isStart ? 0x90 : 0x80;
  target[1] = 0x80;
  put16(target + 2, 0x8000U | pictureId);
}

std::optional<Vp8Descriptor> parseVp8Descriptor(Bytes payload) {
  ByteReader reader(payload);
  Vp8Descriptor descriptor;
  const std::uint8_t first = reader.u8();
  descriptor.isStart = (first & 0x10) != 0 && (first & 0x0f) == 0;
  if ((first & 0x80) != 0) {
    const std::uint8_t present = reader.u8();
    if ((present & 0x80) != 0) {
      const std::uint8_t high = reader.u8();
      descriptor.pictureId = (high & 0x80) == 0
                                 ? high
                                 : static_cast<std::uint16_t>((high & 0x7f) << 8 | reader.u8());
    }
    if ((present & 0x40) != 0) reader.u8();
    if ((present & 0x30) != 0) reader.u8();
  }
  if (!reader.ok()) return std::nullopt;
  descriptor.byteLength = payload.size() - reader.remaining();
  return descriptor;
}

} // namespace aparte
