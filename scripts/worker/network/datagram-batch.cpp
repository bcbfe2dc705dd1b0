#include "datagram-batch.hpp"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace aparte {

namespace {

/** The kernel's own bounds of a message that it cuts: segments, and bytes with all headers. */
constexpr std::size_t mostSegments = 64;
constexpr std::size_t mostBytes = 65'000;

const sockaddr_in &v4(const sockaddr *address) { return *reinterpret_cast<const sockaddr_in *>(address); }
const sockaddr_in6 &v6(const sockaddr *address) { return *reinterpret_cast<const sockaddr_in6 *>(address); }

/** By field, as what lies between them may be anything. */
bool isSame(const sockaddr *one, const sockaddr *other) {
  if (one->sa_family != other->sa_family) return false;
  if (one->sa_family == AF_INET) {
    return v4(one).sin_port == v4(other).sin_port && v4(one).sin_addr.s_addr == v4(other).sin_addr.s_addr;
  }
  return v6(one).sin6_port == v6(other).sin6_port && v6(one).sin6_scope_id == v6(other).sin6_scope_id &&
         std::memcmp(&v6(one).sin6_addr, &v6(other).sin6_addr, sizeof(in6_addr)) == 0;
}

/** Of `tableBits` bits. */
std::size_t hashOf(const sockaddr *address, unsigned tableBits) {
  std::uint32_t host = 0;
  if (address->sa_family == AF_INET) {
    host = v4(address).sin_addr.s_addr;
  } else {
    // The end is what differs from one host to the next.
    std::memcpy(&host, &v6(address).sin6_addr.s6_addr[12], sizeof host);
  }
  // The port has the same place in both.
  const std::uint32_t mixed = (host ^ std::uint32_t{v4(address).sin_port} << 16U) * 2'654'435'761U;
  // The upper bits are those that all others have a part in.
  return mixed >> (32U - tableBits);
}

} // namespace

/** A batch as the kernel takes it. */
struct DatagramBatch::Messages {
  using Control = std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t))>;

  std::array<iovec, maxDatagrams> parts;
  /** Which datagram a part is. */
  std::array<Index, maxDatagrams> datagrams;
  std::array<mmsghdr, maxDatagrams> headers;
  alignas(cmsghdr) std::array<Control, maxDatagrams> controls;
  unsigned count = 0;
  std::size_t partCount = 0;

  void begin(Slot &first) {
    msghdr &header = headers[count].msg_hdr;
    header = {};
    header.msg_name = &first.to;
    header.msg_namelen = first.addressBytes;
    header.msg_iov = &parts[partCount];
    ++count;
  }

  void add(Index index, Slot &datagram) {
    parts[partCount] = {datagram.bytes.data(), datagram.length};
    datagrams[partCount] = index;
    ++partCount;
    ++headers[count - 1].msg_hdr.msg_iovlen;
  }

  [[nodiscard]] const sockaddr *to(unsigned message) const {
    return static_cast<const sockaddr *>(headers[message].msg_hdr.msg_name);
  }

  void cutInto(std::size_t length) {
    msghdr &header = headers[count - 1].msg_hdr;
    header.msg_control = controls[count - 1].data();
    header.msg_controllen = controls[count - 1].size();
    cmsghdr *const message = CMSG_FIRSTHDR(&header);
    message->cmsg_level = SOL_UDP;
    message->cmsg_type = UDP_SEGMENT;
    message->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto segment = static_cast<std::uint16_t>(length);
    std::memcpy(CMSG_DATA(message), &segment, sizeof segment);
  }
};

DatagramBatch::DatagramBatch() { table_.fill(none); }

std::size_t DatagramBatch::placeOf(const sockaddr *address) const {
  std::size_t at = hashOf(address, tableBits);
  while (table_[at] != none) {
    const Slot &first = (*slots_)[static_cast<std::size_t>(table_[at])];
    if (isSame(reinterpret_cast<const sockaddr *>(&first.to), address)) break;
    at = (at + 1) % tableSize;
  }
  return at;
}

bool DatagramBatch::add(const BatchedDatagram &datagram) {
  if (count_ == maxDatagrams || datagram.bytes.size() > maxDatagramBytes) return false;
  // Only a worker that sends needs the room.
  if (!slots_) slots_ = std::make_unique_for_overwrite<std::array<Slot, maxDatagrams>>();
  const auto index = static_cast<Index>(count_);
  Slot &slot = (*slots_)[count_];
  ++count_;
  std::ranges::copy(datagram.bytes, slot.bytes.begin());
  slot.length = datagram.bytes.size();
  slot.addressBytes = datagram.to->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  std::memcpy(&slot.to, datagram.to, slot.addressBytes);
  slot.onSent = datagram.onSent;
  slot.next = none;
  slot.last = index;
  const std::size_t place = placeOf(datagram.to);
  Index &first = table_[place];
  if (first == none) {
    first = index;
    places_[addresses_] = place;
    ++addresses_;
    return true;
  }
  Index &last = (*slots_)[static_cast<std::size_t>(first)].last;
  (*slots_)[static_cast<std::size_t>(last)].next = index;
  last = index;
  return true;
}

void DatagramBatch::compose(Messages &messages) const {
  for (const std::size_t place : std::span(places_).first(addresses_)) {
    for (Index at = table_[place]; at != none;) {
      Slot &head = (*slots_)[static_cast<std::size_t>(at)];
      messages.begin(head);
      std::size_t segments = 0;
      std::size_t bytes = 0;
      std::size_t length = head.length;
      // Until one is longer, or behind a shorter one, or there is none.
      while (at != none) {
        Slot &datagram = (*slots_)[static_cast<std::size_t>(at)];
        const bool fits = joins_ && length == head.length && datagram.length <= length &&
                          segments < mostSegments && bytes + datagram.length <= mostBytes;
        if (segments > 0 && !fits) break;
        messages.add(at, datagram);
        length = datagram.length;
        bytes += length;
        ++segments;
        at = datagram.next;
      }
      if (segments > 1) messages.cutInto(head.length);
    }
  }
}

std::size_t DatagramBatch::send(int file, const Refused &refused) {
  if (isEmpty()) return 0;
  // Too large for a stack, and of no use between two calls.
  static thread_local Messages messages;
  messages.count = 0;
  messages.partCount = 0;
  compose(messages);
  for (const std::size_t place : std::span(places_).first(addresses_)) table_[place] = none;
  addresses_ = 0;
  count_ = 0;

  std::size_t sentBytes = 0;
  std::size_t part = 0;
  const auto settle = [&](unsigned from, unsigned to, bool taken) {
    for (unsigned message = from; message < to; ++message) {
      const std::size_t end = part + messages.headers[message].msg_hdr.msg_iovlen;
      for (; part < end; ++part) {
        const Slot &slot = (*slots_)[static_cast<std::size_t>(messages.datagrams[part])];
        if (!taken) {
          refused({{slot.bytes.data(), slot.length}, reinterpret_cast<const sockaddr *>(&slot.to), slot.onSent});
          continue;
        }
        sentBytes += slot.length;
        if (slot.onSent == nullptr) continue;
        (*slot.onSent)(true);
        delete slot.onSent;
      }
    }
  };
  unsigned done = 0;
  while (done < messages.count) {
    const int sent = sendmmsg(file, &messages.headers[done], messages.count - done, 0);
    if (sent > 0) {
      settle(done, done + static_cast<unsigned>(sent), true);
      done += static_cast<unsigned>(sent);
      continue;
    }
    if (errno == EINTR) continue;
    // A full buffer refuses all that is left, another error what is left to this address: whoever is told of the
    // refusal may keep it for later, and nothing may overtake it.
    const bool isFull = errno == EAGAIN || errno == ENOBUFS;
    // A device that doesn't make checksums can't cut either. Where only a way's packets are too small (EINVAL,
    // EMSGSIZE), others are as good as before.
    if (errno == EIO && messages.headers[done].msg_hdr.msg_iovlen > 1) joins_ = false;
    unsigned until = isFull ? messages.count : done + 1;
    while (until < messages.count && isSame(messages.to(until), messages.to(done))) ++until;
    settle(done, until, false);
    done = until;
  }
  return sentBytes;
}

} // namespace aparte
