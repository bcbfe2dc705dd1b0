#include "frame-stamp.hpp"

namespace aparte {

namespace {

constexpr std::uint32_t mark = 0x4150'4c54;

} // namespace

void writeStamp(const FrameStamp &stamp, MutableBytes frame) {
  std::uint8_t *const at = frame.last(FrameStamp::byteLength).data();
  putBigEndian(at, stamp.sentUs, 8);
  put32(at + 8, stamp.number);
  put32(at + 12, mark);
}

std::optional<FrameStamp> readStamp(Bytes frame) {
  if (frame.size() < FrameStamp::byteLength) return std::nullopt;
  const std::uint8_t *const at = frame.last(FrameStamp::byteLength).data();
  if (get32(at + 12) != mark) return std::nullopt;
  return FrameStamp{getBigEndian(at, 8), get32(at + 8)};
}

} // namespace aparte
