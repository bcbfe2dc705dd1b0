#include "check.hpp"

#include "base64url.hpp"
#include "digest.hpp"
#include "engine-error.hpp"
#include "frame-assembler.hpp"
#include "ivf-file.hpp"
#include "rtcp-reader.hpp"
#include "rtcp-writer.hpp"
#include "rtp-packet.hpp"
#include "stun-message.hpp"
#include "vp8-payload.hpp"

namespace aparte::test {

namespace {

constexpr int rounds = 60'000;

/** Random bytes, or something valid with some bytes changed, cut at random; on the heap, so that the sanitizer sees each byte too far. */
Buffer mutated(const Buffer &valid) {
  Buffer bytes = valid;
  if (randomNumber() % 4 == 0) {
    bytes.resize(randomNumber() % 200);
    fillRandom(bytes);
    return bytes;
  }
  for (std::uint32_t change = randomNumber() % 5; change > 0 && !bytes.empty(); --change) {
    bytes[randomNumber() % bytes.size()] = static_cast<std::uint8_t>(randomNumber() & 0xff);
  }
  if (randomNumber() % 2 == 0) bytes.resize(randomNumber() % (bytes.size() + 1));
  bytes.shrink_to_fit();
  return bytes;
}

void parsesRtcp() {
  Buffer valid;
  writeSenderReport({1, 1'700'000'000'000'000'000, 2, 3, 4}, valid);
  const std::vector<std::uint16_t> lost{1, 2, 30};
  writeNack(1, 2, lost, valid);
  writePli(1, 2, valid);
  std::size_t found = 0;
  for (int round = 0; round < rounds; ++round) {
    const Buffer bytes = mutated(valid);
    const RtcpContent content = readRtcp(bytes);
    for (const auto &nack : content.nacks) check(nack.sequences.size() <= bytes.size() * 17, "bounded");
    found += content.senderReports.size();
  }
  check(found > 0, "some are still valid");
}

void parsesStun() {
  StunWriter writer(stunType::bindingRequest, newTransactionId());
  writer.attribute(stunAttribute::username, bytesOf("a:b"));
  writer.xorAddress(stunAttribute::xorMappedAddress, *SocketAddress::parse("127.0.0.1", 9));
  writer.integrity(bytesOf("secret")).fingerprint();
  for (int round = 0; round < rounds; ++round) {
    const Buffer bytes = mutated(writer.bytes());
    const auto message = StunMessage::parse(bytes);
    if (!message) continue;
    const bool isWhole = message->hasValidFingerprint() && message->hasIntegrity(bytesOf("secret"));
    check(!isWhole || message->find(stunAttribute::username).has_value(), "what is proven is there");
    check(message->errorCode() < 1'000, "error code");
    const auto address = message->findXorAddress(stunAttribute::xorMappedAddress);
    check(!address || !address->ip().empty(), "address");
  }
}

void parsesRtp() {
  Buffer valid = fromHex("b06000010000000200000003bede000240aabbcc51000100");
  valid.resize(80, 0x10);
  valid.back() = 4;
  FrameAssembler assembler([](const FrameAssembler::Frame &frame) { check(!frame.bytes.empty(), "not empty"); },
                           [] { return true; });
  for (int round = 0; round < rounds; ++round) {
    const Buffer bytes = mutated(valid);
    const auto packet = parseRtp(bytes, 5);
    if (!packet) continue;
    const auto descriptor = parseVp8Descriptor(packet->payload);
    if (!descriptor) continue;
    assembler.push({(1 << 16) + packet->sequence, packet->timestamp, descriptor->isStart, packet->marker,
                    packet->payload.subspan(descriptor->byteLength), round});
    if (round % 1'000 == 0) assembler.expire(static_cast<std::int64_t>(round) * 1'000'000'000);
  }
}

void readsFiles() {
  Buffer valid = fromHex("444b494600002000565038304001b4001e000000010000000100000000000000030000000000000000000000109d01");
  check(IvfFile::parse(valid, "valid")->frameCount() == 1, "the valid one");
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    try {
      IvfFile::parse(mutated(valid), "mutated");
    } catch (const EngineError &error) {
      check(error.code() == "bad-input", "code");
      ++refused;
    }
  }
  check(refused > 0, "some are refused");
}

void readsBase64() {
  checkEqual(*fromBase64Url("-_8"), fromHex("fbff"), "url-safe");
  for (const char *const text : {"a", "ab=", "a b", "+/8", "-_9"}) check(!fromBase64Url(text), text);
}

} // namespace

Tests hostileTests() {
  return {{"hostile: RTCP", parsesRtcp},
          {"hostile: STUN", parsesStun},
          {"hostile: RTP and VP8", parsesRtp},
          {"hostile: media files", readsFiles},
          {"hostile: base64url", readsBase64}};
}

} // namespace aparte::test
