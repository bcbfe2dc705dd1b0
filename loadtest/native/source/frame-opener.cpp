#include "frame-opener.hpp"

#include "audio-payload.hpp"
#include "sealed-frame.hpp"

namespace aparte {

namespace {

/** `context << 20 | leaf << 4 | epoch mod 16`. */
constexpr unsigned contextShift = 20;
constexpr std::uint64_t keyIdEnd = 1ULL << 24;
/** Epochs of a stream that are remembered; old ones make room. */
constexpr std::size_t maxWindows = 16;

} // namespace

ReceivingKey *FrameOpener::keyOf(std::uint64_t keyId) {
  if (key_ == nullptr || keyId_ != keyId || keyChanges_ != keys_.changes()) {
    key_ = keys_.receiving(keyId);
    keyId_ = keyId;
    keyChanges_ = keys_.changes();
  }
  return key_;
}

OpenResult FrameOpener::open(Bytes received) {
  const std::size_t clearBytes = clearBytesOf(kindOf(source_), received);
  if (received.empty() || clearBytes > received.size()) return OpenResult::malformed;
  const Bytes clear = received.first(clearBytes);
  const Bytes sealed = received.subspan(clearBytes);
  const auto header = decodeFrameHeader(sealed);
  if (!header || header->keyId >= keyIdEnd) return OpenResult::malformed;
  if (header->keyId >> contextShift != static_cast<std::uint64_t>(source_)) return OpenResult::wrongStream;
  ReceivingKey *const key = keyOf(header->keyId);
  if (key == nullptr) return OpenResult::noKey;
  if (key->from != from_) return OpenResult::wrongSender;
  const auto window = windows_.find(key->generation);
  if (window != windows_.end() && !window->second.isFresh(header->counter)) return OpenResult::replayed;
  const Bytes headerBytes = sealed.first(header->byteLength);
  writeAssociatedData(headerBytes, source_, clear, associatedData_);
  const Bytes ciphertext = sealed.subspan(header->byteLength);
  if (!key->cipher.open(header->counter, associatedData_, ciphertext, plaintext_)) return OpenResult::tampered;
  if (window == windows_.end() && windows_.size() == maxWindows) windows_.erase(windows_.begin());
  windows_[key->generation].accept(header->counter);
  frame_ = plaintext_;
  if (kindOf(source_) == MediaKind::video) return OpenResult::opened;
  const auto payload = unpackAudio(plaintext_);
  if (!payload) return OpenResult::malformed;
  frame_ = payload->frame;
  return OpenResult::opened;
}

} // namespace aparte
