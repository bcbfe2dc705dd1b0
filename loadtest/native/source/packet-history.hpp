#pragma once

#include "bytes.hpp"

#include <deque>

namespace aparte {

/** The latest packets of one encoding, to send and to send again, in a ring of bytes. */
class PacketHistory {
public:
  /** Room for about that many bytes; a packet may have at most as many. */
  explicit PacketHistory(std::size_t capacityBytes) : ring_(capacityBytes) {}

  /** Room for the packet with this number; drops as many old ones as it takes. */
  MutableBytes add(std::uint16_t sequence, std::size_t length);

  /** Empty if it isn't there any more. */
  [[nodiscard]] Bytes find(std::uint16_t sequence) const;

private:
  struct Entry {
    std::uint16_t sequence;
    std::size_t offset;
    std::size_t length;
  };

  Buffer ring_;
  std::deque<Entry> entries_;
  std::size_t end_ = 0;
};

} // namespace aparte
