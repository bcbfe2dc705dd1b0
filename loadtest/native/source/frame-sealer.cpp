#include "frame-sealer.hpp"

#include "audio-payload.hpp"
#include "sealed-frame.hpp"

namespace aparte {

void FrameSealer::seal(SendingKey &key, Bytes frame, Bytes previous, Buffer &target) {
  const std::uint64_t counter = key.nextCounter++;
  const Bytes clear = frame.first(clearBytesOf(kindOf(source_), frame));
  target.assign(clear.begin(), clear.end());
  encodeFrameHeader(key.keyId, counter, target);
  writeAssociatedData(Bytes(target).subspan(clear.size()), source_, clear, associatedData_);
  Bytes plaintext = frame;
  if (kindOf(source_) == MediaKind::audio) {
    packAudio(frame, previous, padded_);
    plaintext = padded_;
  }
  key.cipher.seal(counter, associatedData_, plaintext, target);
}

} // namespace aparte
