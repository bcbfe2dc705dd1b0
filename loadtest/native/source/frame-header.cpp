#include "frame-header.hpp"

#include <bit>

namespace aparte {

namespace {

/** The largest value that stands within the configuration byte. */
constexpr std::uint64_t maxInline = 7;
constexpr unsigned isExtended = 0b1000;
constexpr unsigned keyIdShift = 4;

std::size_t fieldBytes(std::uint64_t value) {
  return value <= maxInline ? 0 : (static_cast<std::size_t>(std::bit_width(value)) + 7) / 8;
}

std::uint64_t fieldBits(std::uint64_t value, std::size_t bytes) {
  return bytes == 0 ? value : isExtended | (bytes - 1);
}

std::size_t extendedBytes(unsigned bits) { return (bits & isExtended) == 0 ? 0 : (bits & maxInline) + 1; }

/** Nothing for a number with leading zeros, or one that the configuration byte had room for. */
std::optional<std::uint64_t> readField(Bytes bytes, unsigned bits) {
  if (bytes.empty()) return bits;
  const bool isMinimal = bytes.size() == 1 ? bytes[0] > maxInline : bytes[0] != 0;
  if (!isMinimal) return std::nullopt;
  return getBigEndian(bytes.data(), bytes.size());
}

} // namespace

void encodeFrameHeader(std::uint64_t keyId, std::uint64_t counter, Buffer &target) {
  const std::size_t keyIdBytes = fieldBytes(keyId);
  const std::size_t counterBytes = fieldBytes(counter);
  const std::size_t at = target.size();
  target.resize(at + 1 + keyIdBytes + counterBytes);
  target[at] = static_cast<std::uint8_t>((fieldBits(keyId, keyIdBytes) << keyIdShift) |
                                         fieldBits(counter, counterBytes));
  putBigEndian(target.data() + at + 1, keyId, keyIdBytes);
  putBigEndian(target.data() + at + 1 + keyIdBytes, counter, counterBytes);
}

std::optional<FrameHeader> decodeFrameHeader(Bytes bytes) {
  ByteReader reader(bytes);
  const unsigned configuration = reader.u8();
  const unsigned keyIdBits = configuration >> keyIdShift;
  const unsigned counterBits = configuration & 0xf;
  const Bytes keyIdField = reader.take(extendedBytes(keyIdBits));
  const Bytes counterField = reader.take(extendedBytes(counterBits));
  if (!reader.ok()) return std::nullopt;
  const auto keyId = readField(keyIdField, keyIdBits);
  const auto counter = readField(counterField, counterBits);
  if (!keyId || !counter) return std::nullopt;
  return FrameHeader{*keyId, *counter, 1 + keyIdField.size() + counterField.size()};
}

} // namespace aparte
