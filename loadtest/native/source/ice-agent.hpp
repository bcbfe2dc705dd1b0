#pragma once

#include "event-loop.hpp"
#include "stun-message.hpp"

#include <functional>

namespace aparte {

struct IceCredentials {
  std::string usernameFragment;
  std::string password;
};

/**
 * ICE (RFC 8445) over one way to one peer. A controlling agent checks the way, nominates it at once
 * and asks for consent from then on (RFC 7675): all that an ICE-lite server needs. A controlled one
 * is what such a server does: it answers.
 */
class IceAgent {
public:
  enum class Role { controlling, controlled };

  struct Listeners {
    std::function<void(Bytes message)> send;
    std::function<void()> connected;
    /** Without an answer for 15 s, before or after it was connected. */
    std::function<void()> expired;
  };

  IceAgent(TimerQueue &timers, Role role, Listeners listeners);

  /** Before anything was sent. */
  void becomeControlled() { role_ = Role::controlled; }

  [[nodiscard]] const IceCredentials &local() const { return local_; }

  /** Begins to check. */
  void start(IceCredentials remote);

  /**
   * The answer to a valid request; nothing for what isn't one. To one who controls, servers send
   * requests as well that are not ICE-lite in all they do (libnice 0.1.21, beneath Janus).
   */
  [[nodiscard]] std::optional<Buffer> answer(const StunMessage &message, const SocketAddress &from);

  void handleResponse(const StunMessage &message);

private:
  void check();
  void noteConsent();

  Role role_;
  Listeners listeners_;
  IceCredentials local_;
  IceCredentials remote_;
  TransactionId transaction_{};
  std::uint64_t tieBreaker_;
  bool isConnected_ = false;
  std::int64_t lastConsentNs_ = 0;
  std::int64_t intervalNs_ = 0;
  Timer checking_;
};

} // namespace aparte
