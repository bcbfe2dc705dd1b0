#pragma once

#include "datagram-path.hpp"

namespace aparte {

/** A socket of its own, connected to the peer. */
class DirectPath final : public DatagramPath {
public:
  DirectPath(EventLoop &loop, const SocketAddress &local, Listeners listeners);

  void open(const SocketAddress &peer) override;
  bool send(Bytes datagram) override;
  std::size_t sendBatch(std::span<const Bytes> datagrams) override;
  [[nodiscard]] bool isRelayed() const override { return false; }

  [[nodiscard]] SocketAddress localAddress() const { return socket_.localAddress(); }
  /** While there is no peer yet: the answer to who asks. */
  void sendTo(Bytes datagram, const SocketAddress &to) { socket_.sendTo(datagram, to); }

private:
  Listeners listeners_;
  UdpSocket socket_;
};

} // namespace aparte
