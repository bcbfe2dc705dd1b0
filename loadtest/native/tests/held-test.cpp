#include "check.hpp"

#include "held-frames.hpp"

namespace aparte::test {

namespace {

HeldFrames::Frame frameAt(std::int64_t receivedNs) {
  return {Buffer{static_cast<std::uint8_t>(receivedNs & 0xff)}, false, false, receivedNs};
}

void keepsSoMany() {
  HeldFrames held;
  std::size_t dropped = 0;
  for (std::size_t index = 0; index < HeldFrames::limit + 3; ++index) {
    dropped += held.hold(frameAt(static_cast<std::int64_t>(index)));
  }
  checkEqual(dropped, 3, "dropped");
  const auto frames = held.take();
  checkEqual(frames.size(), HeldFrames::limit, "kept");
  checkEqual(frames.front().receivedNs == 3, true, "the oldest made room");
  check(held.isEmpty(), "taken");
}

void keepsSoLong() {
  HeldFrames held;
  held.hold(frameAt(0));
  held.hold(frameAt(10));
  checkEqual(held.expire(HeldFrames::patienceNs), 0, "none yet");
  checkEqual(held.expire(HeldFrames::patienceNs + 1), 1, "the older one");
  checkEqual(held.take().front().receivedNs == 10, true, "the younger one waits on");
  checkEqual(held.expire(HeldFrames::patienceNs * 3), 0, "nothing waits");
}

} // namespace

Tests heldTests() {
  return {{"held frames: a bounded number, the oldest makes room", keepsSoMany},
          {"held frames: a bounded time", keepsSoLong}};
}

} // namespace aparte::test
