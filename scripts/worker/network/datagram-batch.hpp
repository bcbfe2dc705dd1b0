#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace aparte {

/** What is told once a datagram has gone (true) or was refused. The batch owns what it is given. */
using OnSent = const std::function<void(bool sent)>;

struct BatchedDatagram {
  std::span<const std::uint8_t> bytes;
  const sockaddr *to;
  /** Null, or to be called and deleted. */
  OnSent *onSent;
};

/**
 * Datagrams of one socket that leave together, with as few messages to the kernel as can be: those to
 * one address that have the same length (of which the last may be shorter) are one message, which the
 * kernel cuts as late as it can (UDP_SEGMENT, Linux 4.18). What goes to one address stays in its order.
 */
class DatagramBatch {
public:
  static constexpr std::size_t maxDatagrams = 256;
  /** Longer ones, none of which a call has, don't fit in. */
  static constexpr std::size_t maxDatagramBytes = 1500;
  using Refused = std::function<void(const BatchedDatagram &)>;

  DatagramBatch();

  [[nodiscard]] bool isEmpty() const { return count_ == 0; }
  /** Copies the bytes and the address. False if there is no room, and nothing has happened then. */
  bool add(const BatchedDatagram &datagram);
  /**
   * Empties the batch. What the kernel doesn't take is `refused`, with its `onSent`, in the order of its
   * address. Nothing may be added until this has returned.
   *
   * @param file the socket; none (-1) takes nothing
   * @returns how many bytes the kernel took
   */
  std::size_t send(int file, const Refused &refused);

private:
  using Index = std::int16_t;
  static constexpr Index none = -1;
  /** So many places that searches are short. */
  static constexpr unsigned tableBits = 10;
  static constexpr std::size_t tableSize = std::size_t{1} << tableBits;

  struct Slot {
    std::array<std::uint8_t, maxDatagramBytes> bytes;
    std::size_t length;
    sockaddr_storage to;
    socklen_t addressBytes;
    OnSent *onSent;
    /** The next datagram to the same address; of the first one also the last. */
    Index next;
    Index last;
  };
  struct Messages;

  /** Where in the table the address stands, or would. */
  [[nodiscard]] std::size_t placeOf(const sockaddr *address) const;
  void compose(Messages &messages) const;

  std::unique_ptr<std::array<Slot, maxDatagrams>> slots_;
  std::size_t count_ = 0;
  /** By address, the first datagram to it. */
  std::array<Index, tableSize> table_;
  /** Where in the table the addresses stand, in the order they came. */
  std::array<std::size_t, maxDatagrams> places_;
  std::size_t addresses_ = 0;
  /** Until a device has shown that it can't. */
  bool joins_ = true;
};

} // namespace aparte
