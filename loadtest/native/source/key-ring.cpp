#include "key-ring.hpp"

namespace aparte {

void KeyRing::setSending(MediaSource source, std::uint64_t keyId, FrameCipher cipher) {
  sending_.insert_or_assign(source, SendingKey{keyId, std::move(cipher)});
}

void KeyRing::setReceiving(std::uint64_t keyId, std::string from, FrameCipher cipher) {
  ++changes_;
  receiving_.insert_or_assign(keyId, ReceivingKey{std::move(from), ++generations_, std::move(cipher)});
}

SendingKey *KeyRing::sending(MediaSource source) {
  const auto found = sending_.find(source);
  return found == sending_.end() ? nullptr : &found->second;
}

ReceivingKey *KeyRing::receiving(std::uint64_t keyId) {
  const auto found = receiving_.find(keyId);
  return found == receiving_.end() ? nullptr : &found->second;
}

} // namespace aparte
