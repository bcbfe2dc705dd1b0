#pragma once

#include "bytes.hpp"

#include <optional>

namespace aparte {

enum class MediaKind : std::uint8_t { audio = 0, video = 1 };

/** What a stream shows or tells; the number is its SFrame context (docs/e2ee-frames.md). */
enum class MediaSource : std::uint8_t { microphone = 0, camera = 1, screen = 2, screenAudio = 3 };

inline MediaKind kindOf(MediaSource source) {
  return source == MediaSource::camera || source == MediaSource::screen ? MediaKind::video : MediaKind::audio;
}

inline std::optional<MediaSource> findMediaSource(std::string_view name) {
  if (name == "microphone") return MediaSource::microphone;
  if (name == "camera") return MediaSource::camera;
  if (name == "screen") return MediaSource::screen;
  if (name == "screen-audio") return MediaSource::screenAudio;
  return std::nullopt;
}

/** RFC 6386 section 9.1: the lowest bit of a VP8 frame is 0 on key frames. */
inline bool isVp8KeyFrame(Bytes frame) { return !frame.empty() && (frame[0] & 1) == 0; }

} // namespace aparte
