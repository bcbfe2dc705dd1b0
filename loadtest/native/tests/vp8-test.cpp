#include "check.hpp"

#include "digest.hpp"
#include "frame-assembler.hpp"
#include "rtp-packet.hpp"
#include "sent-encoding.hpp"
#include "vp8-payload.hpp"

#include <algorithm>

namespace aparte::test {

namespace {

/** An IVF file with frames of these lengths, the first of which is a key frame. */
std::shared_ptr<const IvfFile> mediaOf(const std::vector<std::uint32_t> &lengths) {
  Buffer bytes = fromHex("444b494600002000565038304001b4001e00000001000000000000000000000000000000");
  bytes.resize(32);
  std::uint8_t first = 0x10;
  for (const std::uint32_t length : lengths) {
    for (unsigned shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(length >> shift));
    bytes.resize(bytes.size() + 8);
    bytes.push_back(first);
    bytes.resize(bytes.size() + length - 1, 0x5a);
    first = 0x11;
  }
  return IvfFile::parse(std::move(bytes), "test");
}

SentEncodingOptions optionsOf(const std::vector<std::uint32_t> &lengths) {
  SentEncodingOptions options{};
  options.media = mediaOf(lengths);
  options.kind = MediaKind::video;
  options.ssrc = 1000;
  options.rtxSsrc = 1001;
  options.payloadType = 96;
  options.rtxPayloadType = 97;
  options.clockRate = 90'000;
  options.ids = {.mid = 1, .rid = 0, .repairedRid = 0, .absSendTime = 4, .transportCc = 5, .audioLevel = 0};
  options.mid = "0";
  options.isActive = true;
  return options;
}

struct Received {
  std::vector<Buffer> frames;
  bool isWanted = true;
  std::size_t unwanted = 0;
  FrameAssembler assembler{[this](const FrameAssembler::Frame &frame) {
                             if (frame.isWanted) frames.push_back(bufferOf(frame.bytes));
                             else ++unwanted;
                           },
                           [this] { return isWanted; }};
  std::int64_t highest = 1 << 16;

  void push(Bytes packet) {
    const auto rtp = parseRtp(packet, 5);
    check(rtp.has_value(), "RTP");
    const auto descriptor = parseVp8Descriptor(rtp->payload);
    check(descriptor.has_value(), "descriptor");
    const std::int64_t sequence = extendSequence(rtp->sequence, highest);
    highest = std::max(highest, sequence);
    assembler.push({sequence, rtp->timestamp, descriptor->isStart, rtp->marker,
                    rtp->payload.subspan(descriptor->byteLength), 1});
  }
};

std::vector<Buffer> packetsOf(SentEncoding &encoding, Bytes frame, std::int64_t mediaNs) {
  std::vector<std::uint16_t> sequences;
  encoding.packetize(frame, mediaNs, sequences);
  std::vector<Buffer> packets;
  for (const std::uint16_t sequence : sequences) packets.push_back(bufferOf(encoding.packet(sequence)));
  return packets;
}

void comesThroughInAnyOrder() {
  const std::vector<std::uint32_t> lengths{5000, 1, 1196, 1197, 20'000, 700};
  SentEncoding encoding(optionsOf(lengths));
  std::vector<Buffer> packets;
  std::vector<Buffer> sent;
  for (std::size_t index = 0; index < lengths.size(); ++index) {
    sent.push_back(bufferOf(encoding.nextFrame()));
    for (Buffer &each : packetsOf(encoding, sent.back(), static_cast<std::int64_t>(index) * 33'000'000)) {
      check(each.size() <= maxRtpPacketBytes, "no packet is too large");
      packets.push_back(std::move(each));
    }
  }
  Received inOrder;
  for (const Buffer &packet : packets) inOrder.push(packet);
  checkEqual(inOrder.frames, sent, "in order");
  for (int round = 0; round < 20; ++round) {
    std::vector<Buffer> shuffled = packets;
    // The first one shows where the stream begins, and a later key frame would go on at once.
    for (std::size_t at = shuffled.size() - 1; at > 1; --at) std::swap(shuffled[at], shuffled[1 + randomNumber() % at]);
    Received other;
    for (const Buffer &packet : shuffled) other.push(packet);
    checkEqual(other.frames, sent, "shuffled");
  }
}

void waitsForAKeyFrame() {
  SentEncoding encoding(optionsOf({3000, 2500, 2500, 2500}));
  Received received;
  const Buffer key = bufferOf(encoding.nextFrame());
  for (const Buffer &packet : packetsOf(encoding, key, 0)) received.push(packet);
  std::vector<Buffer> damaged = packetsOf(encoding, encoding.nextFrame(), 1);
  received.push(damaged.front());
  for (const Buffer &packet : packetsOf(encoding, encoding.nextFrame(), 33'000'000)) received.push(packet);
  checkEqual(received.frames.size(), 1, "frames behind a gap wait");
  received.assembler.expire(3'000'000'000);
  check(received.assembler.needsKeyFrame(), "given up");
  encoding.requestKeyFrame();
  const Buffer again = bufferOf(encoding.nextFrame());
  checkEqual(again, key, "the key frame on request");
  for (const Buffer &packet : packetsOf(encoding, again, 66'000'000)) received.push(packet);
  checkEqual(received.frames.size(), 2, "goes on");
  check(!received.assembler.needsKeyFrame(), "nothing is missing");
}

void leavesOutWhatIsNotWanted() {
  SentEncoding encoding(optionsOf({3000, 2500, 2500, 2500}));
  Received received;
  for (unsigned index = 0; index < 4; ++index) {
    received.isWanted = index % 2 == 1;
    std::vector<Buffer> packets = packetsOf(encoding, encoding.nextFrame(), index * 33'000'000);
    std::ranges::reverse(packets);
    for (const Buffer &packet : packets) received.push(packet);
  }
  checkEqual(received.unwanted, 2, "complete, the key frame included");
  checkEqual(received.frames.size(), 2, "wanted");
  checkEqual(received.frames.back().size(), 2500, "whole");
}

void sendsAgain() {
  SentEncoding encoding(optionsOf({3000}));
  std::vector<std::uint16_t> sequences;
  encoding.packetize(encoding.nextFrame(), 0, sequences);
  const auto original = parseRtp(encoding.packet(sequences[1]), 5);
  const OutgoingPacket repair = encoding.retransmission(sequences[1]);
  const auto rtx = parseRtp(repair.bytes, 5);
  checkEqual(rtx->ssrc, 1001, "SSRC");
  checkEqual(rtx->payloadType, 97, "payload type");
  checkEqual(rtx->timestamp, original->timestamp, "timestamp");
  checkEqual(get16(rtx->payload.data()), sequences[1], "original number");
  checkEqual(bufferOf(rtx->payload.subspan(2)), bufferOf(original->payload), "payload");
  check(encoding.retransmission(static_cast<std::uint16_t>(sequences.back() + 1)).bytes.empty(), "not sent yet");
}

void readsDescriptors() {
  const auto full = parseVp8Descriptor(fromHex("90e0812a0740ff"));
  check(full.has_value(), "parsed");
  checkEqual(full->byteLength, 6, "length");
  checkEqual(full->pictureId, 0x12a, "picture id");
  check(full->isStart, "start");
  check(!parseVp8Descriptor(fromHex("90e0812a07")), "cut off");
  check(!parseVp8Descriptor({}), "empty");
}

} // namespace

Tests vp8Tests() {
  return {{"VP8: frames come through in any order of packets", comesThroughInAnyOrder},
          {"VP8: what can't be decoded waits for a key frame", waitsForAKeyFrame},
          {"VP8: what isn't wanted is only told of", leavesOutWhatIsNotWanted},
          {"VP8: a lost packet is sent again by RTX", sendsAgain},
          {"VP8: reads descriptors with all fields", readsDescriptors}};
}

} // namespace aparte::test
