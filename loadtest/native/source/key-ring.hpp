#pragma once

#include "frame-cipher.hpp"
#include "media-kind.hpp"

#include <map>
#include <memory>
#include <string>

namespace aparte {

/** What one source seals with. A counter is given once. */
struct SendingKey {
  std::uint64_t keyId;
  FrameCipher cipher;
  std::uint64_t nextCounter = 0;
};

/** What opens the frames of one stream of one sender in one epoch. */
struct ReceivingKey {
  std::string from;
  /** Of each key another one: a key that replaces another begins to count anew. */
  std::uint64_t generation;
  FrameCipher cipher;
};

/** The keys of one participant. */
class KeyRing {
public:
  void setSending(MediaSource source, std::uint64_t keyId, FrameCipher cipher);
  void setReceiving(std::uint64_t keyId, std::string from, FrameCipher cipher);
  void forget(std::uint64_t keyId) {
    receiving_.erase(keyId);
    ++changes_;
  }

  /** Null without one. */
  [[nodiscard]] SendingKey *sending(MediaSource source);
  [[nodiscard]] ReceivingKey *receiving(std::uint64_t keyId);
  /** What `receiving` gave holds until this changes. */
  [[nodiscard]] std::uint64_t changes() const { return changes_; }

private:
  std::map<MediaSource, SendingKey> sending_;
  std::map<std::uint64_t, ReceivingKey> receiving_;
  std::uint64_t generations_ = 0;
  std::uint64_t changes_ = 0;
};

} // namespace aparte
