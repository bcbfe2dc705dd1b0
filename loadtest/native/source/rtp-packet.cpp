#include "rtp-packet.hpp"

namespace aparte {

namespace {

constexpr std::uint16_t oneByteProfile = 0xbede;

/** The value of one element of one-byte headers; empty if it isn't there. */
Bytes findElement(Bytes extension, std::uint8_t wanted) {
  ByteReader reader(extension);
  while (reader.remaining() > 0) {
    const std::uint8_t header = reader.u8();
    if (header == 0) continue;
    const std::uint8_t id = header >> 4;
    if (id == 15) break;
    const Bytes value = reader.take((header & 0xfU) + 1);
    if (id == wanted) return value;
  }
  return {};
}

} // namespace

std::optional<RtpPacket> parseRtp(Bytes bytes, std::uint8_t transportCcId) {
  ByteReader reader(bytes);
  const std::uint8_t first = reader.u8();
  const std::uint8_t second = reader.u8();
  RtpPacket packet;
  packet.marker = (second & 0x80) != 0;
  packet.payloadType = second & 0x7f;
  packet.sequence = reader.u16();
  packet.timestamp = reader.u32();
  packet.ssrc = reader.u32();
  reader.take((first & 0xfU) * 4);
  if ((first & 0x10) != 0) {
    const std::uint16_t profile = reader.u16();
    const Bytes extension = reader.take(static_cast<std::size_t>(reader.u16()) * 4);
    const Bytes value =
        profile == oneByteProfile && transportCcId != 0 ? findElement(extension, transportCcId) : Bytes{};
    if (value.size() == 2) packet.transportSequence = get16(value.data());
  }
  if (!reader.ok() || first >> 6 != 2) return std::nullopt;
  packet.payload = reader.rest();
  if ((first & 0x20) == 0) return packet;
  if (packet.payload.empty()) return std::nullopt;
  const std::size_t padding = packet.payload.back();
  if (padding == 0 || padding > packet.payload.size()) return std::nullopt;
  packet.payload = packet.payload.first(packet.payload.size() - padding);
  return packet;
}

} // namespace aparte
