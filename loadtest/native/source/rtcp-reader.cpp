#include "rtcp-reader.hpp"

#include "rtcp-type.hpp"

namespace aparte {

namespace {

void readNack(ByteReader body, RtcpContent &content) {
  RtcpContent::Nack nack{body.u32(), {}};
  while (body.remaining() >= 4) {
    const std::uint16_t first = body.u16();
    const std::uint16_t following = body.u16();
    nack.sequences.push_back(first);
    for (unsigned bit = 0; bit < 16; ++bit) {
      if ((following >> bit & 1) == 0) continue;
      nack.sequences.push_back(static_cast<std::uint16_t>(first + bit + 1));
    }
  }
  if (!nack.sequences.empty()) content.nacks.push_back(std::move(nack));
}

void readPayloadFeedback(std::uint8_t format, ByteReader body, RtcpContent &content) {
  const std::uint32_t mediaSsrc = body.u32();
  if (!body.ok()) return;
  if (format == rtcpType::pliFormat) content.keyFramesOf.push_back(mediaSsrc);
  if (format != rtcpType::firFormat) return;
  while (body.remaining() >= 8) {
    content.keyFramesOf.push_back(body.u32());
    body.take(4);
  }
}

void readPacket(std::uint8_t format, std::uint8_t type, ByteReader body, RtcpContent &content) {
  const std::uint32_t sender = body.u32();
  if (type == rtcpType::senderReport) {
    body.take(2);
    const std::uint32_t ntpMiddle = body.u32();
    if (body.ok()) content.senderReports.push_back({sender, ntpMiddle});
  } else if (type == rtcpType::transportFeedback && format == rtcpType::nackFormat) {
    readNack(body, content);
  } else if (type == rtcpType::payloadFeedback) {
    readPayloadFeedback(format, body, content);
  }
}

} // namespace

RtcpContent readRtcp(Bytes compound) {
  RtcpContent content;
  ByteReader reader(compound);
  while (reader.remaining() >= 4) {
    const std::uint8_t first = reader.u8();
    const std::uint8_t type = reader.u8();
    const Bytes body = reader.take(static_cast<std::size_t>(reader.u16()) * 4);
    if (!reader.ok() || first >> 6 != 2) break;
    readPacket(first & 0x1f, type, ByteReader(body), content);
  }
  return content;
}

} // namespace aparte
