#include "audio-payload.hpp"

#include <algorithm>

namespace aparte {

namespace {

constexpr std::size_t smallestBucketBytes = 192;
constexpr std::size_t bucketStepBytes = 64;
constexpr std::uint8_t alone = 0x80;
constexpr std::uint8_t twins = 0x81;
constexpr std::uint8_t unequal = 0x82;
constexpr std::size_t maxUnequalBytes = 0xff;

std::size_t paddedLength(std::size_t length) {
  const std::size_t steps = length / bucketStepBytes + 1;
  return std::max(smallestBucketBytes, steps * bucketStepBytes);
}

} // namespace

void packAudio(Bytes frame, Bytes previous, Buffer &target) {
  const std::size_t size = paddedLength(frame.size());
  target.assign(frame.begin(), frame.end());
  const bool areTwins = previous.size() == frame.size();
  const std::size_t lengthBytes = areTwins ? 0 : 1;
  const bool fits = frame.size() + previous.size() + lengthBytes < size;
  if (!previous.empty() && fits && (areTwins || previous.size() <= maxUnequalBytes)) {
    append(target, previous);
    if (!areTwins) target.push_back(static_cast<std::uint8_t>(previous.size()));
    target.push_back(areTwins ? twins : unequal);
  } else {
    target.push_back(alone);
  }
  target.resize(size);
}

std::optional<AudioPayload> unpackAudio(Bytes padded) {
  while (!padded.empty() && padded.back() == 0) padded = padded.first(padded.size() - 1);
  if (padded.empty()) return std::nullopt;
  const std::uint8_t marker = padded.back();
  const Bytes content = padded.first(padded.size() - 1);
  if (marker == alone) return AudioPayload{content, {}};
  if (marker == twins && !content.empty() && content.size() % 2 == 0) {
    return AudioPayload{content.first(content.size() / 2), content.last(content.size() / 2)};
  }
  if (marker == unequal && !content.empty()) {
    const std::size_t length = content.back();
    if (length == 0 || length + 1 > content.size()) return std::nullopt;
    const std::size_t border = content.size() - 1 - length;
    return AudioPayload{content.first(border), content.subspan(border, length)};
  }
  return std::nullopt;
}

} // namespace aparte
