#include "sealed-frame.hpp"

namespace aparte {

namespace {

/** The layout of src/e2ee/frame/metadata.ts, and its numbers of codecs. */
constexpr std::uint8_t format = 2;
constexpr std::uint8_t opusId = 1;
constexpr std::uint8_t vp8Id = 2;
constexpr std::size_t vp8KeyFrameClearBytes = 10;
constexpr std::size_t vp8InterFrameClearBytes = 1;

} // namespace

std::size_t clearBytesOf(MediaKind kind, Bytes frame) {
  if (kind == MediaKind::audio) return 0;
  return isVp8KeyFrame(frame) ? vp8KeyFrameClearBytes : vp8InterFrameClearBytes;
}

void writeAssociatedData(Bytes header, MediaSource source, Bytes clear, Buffer &target) {
  const MediaKind kind = kindOf(source);
  target.assign(header.begin(), header.end());
  ByteWriter writer(target);
  writer.u8(format);
  writer.u8(static_cast<std::uint8_t>(kind));
  writer.u8(static_cast<std::uint8_t>(source));
  writer.u8(kind == MediaKind::audio ? opusId : vp8Id);
  writer.u16(clear.size());
  writer.bytes(clear);
}

} // namespace aparte
