#pragma once

#include "bytes.hpp"

#include <optional>

namespace aparte {

/**
 * The last bytes of a synthetic frame before it is sealed, so that the receiver knows when it was
 * sent and whether frames are in order: `FRAME_STAMP` of loadtest/engine/media-engine.ts.
 */
struct FrameStamp {
  static constexpr std::size_t byteLength = 16;

  /** Since 1970 by the reference clock. */
  std::uint64_t sentUs = 0;
  std::uint32_t number = 0;
};

/** Over the last bytes of `frame`, which has at least as many. */
void writeStamp(const FrameStamp &stamp, MutableBytes frame);

/** Nothing for a frame without the mark: a browser's. */
std::optional<FrameStamp> readStamp(Bytes frame);

} // namespace aparte
