#include "check.hpp"

#include "frame-header.hpp"
#include "frame-opener.hpp"
#include "frame-sealer.hpp"

#include <nlohmann/json.hpp>

namespace aparte::test {

namespace {

std::uint64_t numberOf(const Json &text) { return std::stoull(text.get<std::string>()); }

void readsAndWritesHeaders(const Json &vectors) {
  for (const Json &each : vectors.at("header")) {
    Buffer written;
    encodeFrameHeader(numberOf(each.at("kid")), numberOf(each.at("ctr")), written);
    const Buffer expected = fromHex(each.at("encoded"));
    checkEqual(written, expected, "header");
    const auto header = decodeFrameHeader(expected);
    check(header.has_value(), "decoded");
    checkEqual(header->keyId, numberOf(each.at("kid")), "key id");
    checkEqual(header->counter, numberOf(each.at("ctr")), "counter");
    checkEqual(header->byteLength, expected.size(), "length");
  }
}

void refusesOtherHeaders() {
  for (const char *const text : {"", "80", "8007", "8100ff", "88ff", "f0ffffff"}) {
    check(!decodeFrameHeader(fromHex(text)), text);
  }
}

void sealsAndOpensVectors(const Json &vectors) {
  std::size_t seen = 0;
  for (const Json &each : vectors.at("sframe")) {
    const auto suite = each.at("cipher_suite").get<int>();
    // The other suites aren't AES-GCM.
    if (suite != 4 && suite != 5) continue;
    FrameCipher cipher(fromHex(each.at("sframe_key")), fromHex(each.at("sframe_salt")));
    const Buffer expected = fromHex(each.at("ct"));
    const Buffer plaintext = fromHex(each.at("pt"));
    Buffer associated = bufferOf(Bytes(expected).first(decodeFrameHeader(expected)->byteLength));
    Buffer sealed = associated;
    append(associated, fromHex(each.at("metadata")));
    const std::uint64_t counter = numberOf(each.at("ctr"));
    cipher.seal(counter, associated, plaintext, sealed);
    checkEqual(sealed, expected, "sealed");
    Buffer opened;
    const Bytes ciphertext = Bytes(sealed).subspan(decodeFrameHeader(sealed)->byteLength);
    check(cipher.open(counter, associated, ciphertext, opened), "opened");
    checkEqual(opened, plaintext, "plaintext");
    ++seen;
  }
  checkEqual(seen, 2, "vectors of AES-GCM");
}

/** Keys for sealing as leaf 1 in epoch 1, and for opening that. */
struct Pair {
  static constexpr std::uint64_t keyIdOf(MediaSource source) {
    return static_cast<std::uint64_t>(source) << 20 | 1 << 4 | 1;
  }

  explicit Pair(MediaSource given) : source(given), sealer(given), opener(keys, "sender", given) {
    keys.setSending(source, keyIdOf(source), FrameCipher(Buffer(32, 7), Buffer(12, 9)));
    keys.setReceiving(keyIdOf(source), "sender", FrameCipher(Buffer(32, 7), Buffer(12, 9)));
  }

  Buffer seal(Bytes frame, Bytes previous = {}) {
    Buffer sealed;
    sealer.seal(*keys.sending(source), frame, previous, sealed);
    return sealed;
  }

  MediaSource source;
  KeyRing keys;
  FrameSealer sealer;
  FrameOpener opener;
};

void opensWhatItSeals() {
  for (const MediaSource source : {MediaSource::microphone, MediaSource::camera}) {
    Pair pair(source);
    for (std::size_t length = 12; length < 400; length += 7) {
      Buffer frame(length, static_cast<std::uint8_t>(length));
      const Buffer sealed = pair.seal(frame, frame);
      check(pair.opener.open(sealed) == OpenResult::opened, "opened");
      checkEqual(bufferOf(pair.opener.frame()), frame, "frame");
      check(pair.opener.open(sealed) == OpenResult::replayed, "once only");
    }
  }
}

void leavesInClearWhatIsRead() {
  Pair pair(MediaSource::camera);
  Buffer key(40, 0x10);
  checkEqual(bufferOf(Bytes(pair.seal(key)).first(10)), bufferOf(Bytes(key).first(10)), "of a key frame");
  Buffer inter(40, 0x11);
  const Buffer sealed = pair.seal(inter);
  checkEqual(sealed[0], 0x11, "of another frame");
  check(sealed[1] != 0x11, "one byte only");
  checkEqual(sealed.size(), 1 + 4 + 1 + inter.size() + gcmTagBytes - 1, "size");
}

void refusesFrames() {
  Pair pair(MediaSource::camera);
  Buffer frame(50, 0x11);
  const Buffer sealed = pair.seal(frame);
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    Buffer changed = sealed;
    changed[at] ^= 0x02;
    check(pair.opener.open(changed) != OpenResult::opened, "changed at " + std::to_string(at));
  }
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    check(pair.opener.open(Bytes(sealed).first(length)) != OpenResult::opened, "cut off");
  }
  FrameOpener elsewhere(pair.keys, "sender", MediaSource::screen);
  check(elsewhere.open(sealed) == OpenResult::wrongStream, "of another source");
  FrameOpener stranger(pair.keys, "somebody", MediaSource::camera);
  check(stranger.open(sealed) == OpenResult::wrongSender, "of another sender");
  KeyRing empty;
  FrameOpener keyless(empty, "sender", MediaSource::camera);
  check(keyless.open(sealed) == OpenResult::noKey, "without a key");
  check(pair.opener.open(sealed) == OpenResult::opened, "the right one still opens");
}

} // namespace

Tests sframeTests(const Json &vectors) {
  return {{"SFrame: reads and writes RFC 9605's headers", [vectors] { readsAndWritesHeaders(vectors); }},
          {"SFrame: refuses headers that aren't minimal", refusesOtherHeaders},
          {"SFrame: seals and opens RFC 9605's frames", [vectors] { sealsAndOpensVectors(vectors); }},
          {"SFrame: opens what it seals, once", opensWhatItSeals},
          {"SFrame: leaves in clear what the SFU reads", leavesInClearWhatIsRead},
          {"SFrame: refuses what was changed, cut off or swapped", refusesFrames}};
}

} // namespace aparte::test
