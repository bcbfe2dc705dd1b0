#pragma once

#include "key-ring.hpp"
#include "replay-window.hpp"

#include <map>

namespace aparte {

/** What became of a frame; the causes of src/e2ee/frame/outcomes.ts that can come up here. */
enum class OpenResult : std::uint8_t { opened, noKey, wrongSender, wrongStream, tampered, replayed, malformed };
constexpr std::size_t openResults = 7;

/** Opens the frames of one source of one participant, and no others. */
class FrameOpener {
public:
  FrameOpener(KeyRing &keys, std::string from, MediaSource source)
      : keys_(keys), from_(std::move(from)), source_(source) {}

  /** `frame()` tells what was opened, until the next one. */
  OpenResult open(Bytes received);

  /** Of audio without padding and without the frame before. */
  [[nodiscard]] Bytes frame() const { return frame_; }

private:
  ReceivingKey *keyOf(std::uint64_t keyId);

  KeyRing &keys_;
  std::string from_;
  MediaSource source_;
  /** The key of the frame before: nearly always the next one's, too. */
  ReceivingKey *key_ = nullptr;
  std::uint64_t keyId_ = 0;
  std::uint64_t keyChanges_ = 0;
  /** By the key's generation: counters begin anew with each. */
  std::map<std::uint64_t, ReplayWindow> windows_;
  Buffer associatedData_;
  Buffer plaintext_;
  Bytes frame_;
};

} // namespace aparte
