#pragma once

#include "udp-socket.hpp"

#include <functional>

namespace aparte {

/** How the datagrams of one transport travel: directly, or by a relay. */
class DatagramPath {
public:
  /** In place, so that SRTP opens where the kernel wrote. */
  using OnReceived = std::function<void(MutableBytes bytes, const SocketAddress &from, std::int64_t receivedNs)>;
  using OnReady = std::function<void()>;
  using OnFailed = std::function<void(const std::string &reason)>;

  struct Listeners {
    OnReceived received;
    OnReady ready;
    OnFailed failed;
  };

  DatagramPath() = default;
  DatagramPath(const DatagramPath &) = delete;
  DatagramPath &operator=(const DatagramPath &) = delete;
  virtual ~DatagramPath() = default;

  /** Opens the way to the peer; `ready` or `failed` follows, maybe at once. */
  virtual void open(const SocketAddress &peer) = 0;
  virtual bool send(Bytes datagram) = 0;
  /** How many of at most `UdpSocket::maxBatch` were sent. */
  virtual std::size_t sendBatch(std::span<const Bytes> datagrams) = 0;
  [[nodiscard]] virtual bool isRelayed() const = 0;
};

} // namespace aparte
