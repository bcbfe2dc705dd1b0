#pragma once

#include "key-ring.hpp"

namespace aparte {

/** Seals the frames of one source, all its layers included, as src/e2ee/frame/frame-sealer.ts does. */
class FrameSealer {
public:
  explicit FrameSealer(MediaSource source) : source_(source) {}

  /**
   * Writes clear bytes, header, ciphertext and tag over `target`. `previous` is audio's frame
   * before, or empty.
   */
  void seal(SendingKey &key, Bytes frame, Bytes previous, Buffer &target);

private:
  MediaSource source_;
  Buffer associatedData_;
  Buffer padded_;
};

} // namespace aparte
