#pragma once

#include "datagram-path.hpp"
#include "stun-message.hpp"

namespace aparte {

struct TurnServer {
  SocketAddress address;
  std::string username;
  std::string password;
};

/**
 * A client of a TURN server over UDP (RFC 8656): an allocation, a permission and a channel for the
 * one peer, all kept alive.
 */
class TurnPath final : public DatagramPath {
public:
  TurnPath(EventLoop &loop, const SocketAddress &local, TurnServer server, Listeners listeners);
  /** Gives the allocation back. */
  ~TurnPath() override;

  void open(const SocketAddress &peer) override;
  bool send(Bytes datagram) override;
  std::size_t sendBatch(std::span<const Bytes> datagrams) override;
  [[nodiscard]] bool isRelayed() const override { return true; }

private:
  enum class Stage { idle, allocating, permitting, binding, ready, failed };

  void request(std::uint16_t type);
  void transmit(std::int64_t nowNs);
  void refresh();
  void onDatagram(Datagram &datagram);
  void onChannelData(Datagram &datagram);
  void onResponse(const StunMessage &message);
  void onError(const StunMessage &message);
  void advance(const StunMessage &message);
  void fail(const std::string &reason);

  EventLoop &loop_;
  TurnServer server_;
  Listeners listeners_;
  UdpSocket socket_;
  SocketAddress peer_;
  Stage stage_ = Stage::idle;

  std::string realm_;
  Buffer nonce_;
  Buffer key_;
  std::uint32_t lifetimeS_ = 600;

  /** The one request that is under way, by its bytes, until it is answered. */
  Buffer pending_;
  std::uint16_t pendingType_ = 0;
  TransactionId pendingId_{};
  unsigned attempts_ = 0;
  unsigned challenges_ = 0;
  std::int64_t permittedNs_ = 0;
  Timer retransmission_;
  Timer refreshing_;
  std::vector<Buffer> frames_;
};

} // namespace aparte
