#pragma once

#include "event-loop.hpp"
#include "socket-address.hpp"

#include <functional>

namespace aparte {

struct Datagram {
  MutableBytes bytes;
  SocketAddress from;
  /** By the kernel, in real time; when it was read where the kernel doesn't tell. */
  std::int64_t receivedNs;
};

/** A non-blocking UDP socket on a port of its own. */
class UdpSocket final : public IoHandler {
public:
  using OnDatagram = std::function<void(Datagram &)>;
  static constexpr std::size_t maxBatch = 16;

  /** Throws `EngineError` with `failed`. */
  UdpSocket(EventLoop &loop, const SocketAddress &local, OnDatagram onDatagram);
  ~UdpSocket() override;

  [[nodiscard]] SocketAddress localAddress() const;

  /** From now on only datagrams from there arrive, and `send` goes there. */
  void connect(const SocketAddress &remote);
  [[nodiscard]] bool isConnected() const { return connected_; }

  /** Whether the kernel took it. */
  bool sendTo(Bytes bytes, const SocketAddress &remote);
  /** To where the socket is connected: how many of at most `maxBatch` the kernel took. */
  std::size_t send(std::span<const Bytes> datagrams);

  void onReadable() override;

private:
  EventLoop &loop_;
  FileDescriptor file_;
  OnDatagram onDatagram_;
  bool connected_ = false;
  /** Until the way to the peer has shown that it can't. */
  bool joins_ = true;
};

} // namespace aparte
