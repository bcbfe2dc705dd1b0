#include "check.hpp"

#include "audio-payload.hpp"
#include "frame-stamp.hpp"

namespace aparte::test {

namespace {

void keepsFrames() {
  for (std::size_t length = 1; length < 400; ++length) {
    for (const std::size_t before : {std::size_t{0}, length, std::size_t{5}, std::size_t{255}, std::size_t{300}}) {
      const Buffer frame(length, 0x40);
      const Buffer previous(before, 0x80);
      Buffer padded;
      packAudio(frame, previous, padded);
      check(padded.size() % 64 == 0 && padded.size() >= 192, "padded");
      Buffer alone;
      packAudio(frame, {}, alone);
      checkEqual(padded.size(), alone.size(), "the frame before costs nothing");
      const auto unpacked = unpackAudio(padded);
      check(unpacked.has_value(), "unpacked");
      checkEqual(bufferOf(unpacked->frame), frame, "frame");
      check(unpacked->previous.empty() || bufferOf(unpacked->previous) == previous, "frame before");
    }
  }
}

void refusesOthers() {
  for (const char *const text : {"", "00", "000000", "81", "0081", "82", "000082", "050582", "7f"}) {
    check(!unpackAudio(fromHex(text)), text);
  }
}

void readsStamps() {
  Buffer frame(40, 1);
  check(!readStamp(frame), "none in a browser's frame");
  check(!readStamp(Bytes(frame).first(15)), "none in a short one");
  writeStamp({1'795'406'693'699'504, 4'000'000'000}, frame);
  const auto stamp = readStamp(frame);
  check(stamp.has_value(), "there");
  checkEqual(stamp->sentUs, 1'795'406'693'699'504, "time");
  checkEqual(stamp->number, 4'000'000'000, "number");
}

} // namespace

Tests audioPayloadTests() {
  return {{"audio: keeps frames of any length, and the one before where there is room", keepsFrames},
          {"audio: refuses what isn't padded", refusesOthers},
          {"stamp: is read as it was written", readsStamps}};
}

} // namespace aparte::test
