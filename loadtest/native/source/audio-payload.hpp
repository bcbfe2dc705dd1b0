#pragma once

#include "bytes.hpp"

#include <optional>

namespace aparte {

/**
 * What is sealed of audio: the frame, the one before it where there is room, a marker and padding
 * (docs/e2ee-frames.md). Written over `target`.
 */
void packAudio(Bytes frame, Bytes previous, Buffer &target);

struct AudioPayload {
  Bytes frame;
  /** Empty if it didn't come along. */
  Bytes previous;
};

/** Nothing for anything that `packAudio` can't have made. */
std::optional<AudioPayload> unpackAudio(Bytes padded);

} // namespace aparte
