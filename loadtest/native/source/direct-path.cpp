#include "direct-path.hpp"

namespace aparte {

DirectPath::DirectPath(EventLoop &loop, const SocketAddress &local, Listeners listeners)
    : listeners_(std::move(listeners)), socket_(loop, local, [this](Datagram &datagram) {
        listeners_.received(datagram.bytes, datagram.from, datagram.receivedNs);
      }) {}

void DirectPath::open(const SocketAddress &peer) {
  socket_.connect(peer);
  listeners_.ready();
}

bool DirectPath::send(Bytes datagram) { return sendBatch({&datagram, 1}) == 1; }

std::size_t DirectPath::sendBatch(std::span<const Bytes> datagrams) {
  return socket_.isConnected() ? socket_.send(datagrams) : 0;
}

} // namespace aparte
