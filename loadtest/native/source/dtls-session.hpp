#pragma once

#include "bytes.hpp"
#include "dtls-context.hpp"
#include "timer-queue.hpp"

#include <functional>

namespace aparte {

struct Fingerprint {
  std::string algorithm;
  std::string value;
};

/** What both directions of SRTP begin with, each key followed by its salt (RFC 5764 section 4.2). */
struct SrtpKeys {
  SrtpProfile profile;
  Buffer sending;
  Buffer receiving;
};

/** One handshake (RFC 6347), after which the session only listens for the peer's farewell. */
class DtlsSession {
public:
  enum class Role { client, server };

  struct Listeners {
    std::function<void(Bytes datagram)> send;
    std::function<void(const SrtpKeys &keys)> connected;
    std::function<void(const std::string &reason)> failed;
  };

  DtlsSession(DtlsContext &context, TimerQueue &timers, Role role, std::vector<Fingerprint> expected,
              Listeners listeners);

  /** A client says hello. */
  void start();
  void receive(Bytes datagram);

private:
  void advance();
  void finish();
  void fail(const std::string &reason);
  [[nodiscard]] bool isExpectedPeer() const;

  Role role_;
  std::vector<Fingerprint> expected_;
  Listeners listeners_;
  OpenSslPointer<SSL> session_;
  bool isOver_ = false;
  bool isConnected_ = false;
  Timer retransmission_;
};

} // namespace aparte
