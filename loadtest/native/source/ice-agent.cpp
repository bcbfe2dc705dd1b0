#include "ice-agent.hpp"

#include "digest.hpp"

#include <algorithm>

namespace aparte {

namespace {

constexpr std::size_t fragmentCharacters = 8;
constexpr std::size_t passwordCharacters = 24;
constexpr std::int64_t firstIntervalNs = 50 * nsPerMs;
constexpr std::int64_t longestIntervalNs = 800 * nsPerMs;
/** RFC 7675 section 5.1 asks for 5 s; browsers ask twice as often. */
constexpr std::int64_t consentIntervalNs = 2'500 * nsPerMs;
constexpr std::int64_t expiryNs = 15 * nsPerSecond;
/** RFC 8445 section 5.1.2: a host candidate's, as seen by the peer. */
constexpr std::uint64_t priority = (110ULL << 24) | (0xffffULL << 8) | 0xff;

/** Between 0.8 and 1.2 of it (RFC 7675 section 5.1), so that participants don't ask in step. */
std::int64_t jittered(std::int64_t intervalNs) {
  return intervalNs * (800 + randomNumber() % 400) / 1'000;
}

} // namespace

IceAgent::IceAgent(TimerQueue &timers, Role role, Listeners listeners)
    : role_(role), listeners_(std::move(listeners)),
      local_{randomText(fragmentCharacters), randomText(passwordCharacters)},
      tieBreaker_((static_cast<std::uint64_t>(randomNumber()) << 32) | randomNumber()),
      checking_(timers, [this](std::int64_t) { check(); }) {}

void IceAgent::start(IceCredentials remote) {
  remote_ = std::move(remote);
  intervalNs_ = firstIntervalNs;
  lastConsentNs_ = monotonicNs();
  transaction_ = newTransactionId();
  check();
}

void IceAgent::check() {
  const std::int64_t nowNs = monotonicNs();
  if (nowNs - lastConsentNs_ > expiryNs) {
    isConnected_ = false;
    listeners_.expired();
    return;
  }
  // A retransmitted check is the same transaction; each question for consent is a new one.
  if (isConnected_) transaction_ = newTransactionId();
  StunWriter writer(stunType::bindingRequest, transaction_);
  writer.attribute(stunAttribute::username,
                   bytesOf(remote_.usernameFragment + ":" + local_.usernameFragment));
  writer.number(stunAttribute::priority, priority, 4);
  writer.number(stunAttribute::iceControlling, tieBreaker_, 8);
  writer.attribute(stunAttribute::useCandidate, {});
  writer.integrity(bytesOf(remote_.password));
  writer.fingerprint();
  listeners_.send(writer.bytes());
  const std::int64_t waitNs = isConnected_ ? jittered(consentIntervalNs) : intervalNs_;
  intervalNs_ = std::min(intervalNs_ * 2, longestIntervalNs);
  checking_.schedule(nowNs + waitNs);
}

void IceAgent::handleResponse(const StunMessage &message) {
  if (message.type() != stunType::bindingSuccess || message.transactionId() != transaction_) return;
  if (!message.hasValidFingerprint() || !message.hasIntegrity(bytesOf(remote_.password))) return;
  noteConsent();
}

void IceAgent::noteConsent() {
  lastConsentNs_ = monotonicNs();
  if (isConnected_) return;
  isConnected_ = true;
  if (role_ == Role::controlling) checking_.schedule(lastConsentNs_ + jittered(consentIntervalNs));
  listeners_.connected();
}

std::optional<Buffer> IceAgent::answer(const StunMessage &message, const SocketAddress &from) {
  if (message.type() != stunType::bindingRequest) return std::nullopt;
  const auto username = message.find(stunAttribute::username);
  if (!username || !textOf(*username).starts_with(local_.usernameFragment + ":")) return std::nullopt;
  if (!message.hasValidFingerprint() || !message.hasIntegrity(bytesOf(local_.password))) {
    return std::nullopt;
  }
  StunWriter writer(stunType::bindingSuccess, message.transactionId());
  writer.xorAddress(stunAttribute::xorMappedAddress, from);
  writer.integrity(bytesOf(local_.password));
  writer.fingerprint();
  // One who controls has consent by the answers to its own checks.
  if (role_ == Role::controlled) noteConsent();
  return writer.bytes();
}

} // namespace aparte
