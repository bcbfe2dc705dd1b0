#pragma once

#include "socket-address.hpp"

#include <array>
#include <optional>

namespace aparte {

using TransactionId = std::array<std::uint8_t, 12>;

/** Methods and classes together, RFC 8489 section 5, RFC 8656 section 17. */
namespace stunType {
constexpr std::uint16_t bindingRequest = 0x0001;
constexpr std::uint16_t bindingSuccess = 0x0101;
constexpr std::uint16_t allocateRequest = 0x0003;
constexpr std::uint16_t refreshRequest = 0x0004;
constexpr std::uint16_t createPermissionRequest = 0x0008;
constexpr std::uint16_t channelBindRequest = 0x0009;
constexpr std::uint16_t classMask = 0x0110;
constexpr std::uint16_t successClass = 0x0100;
constexpr std::uint16_t errorClass = 0x0110;
} // namespace stunType

/** RFC 8489 section 18.3, RFC 8445 section 16.1, RFC 8656 section 18. */
namespace stunAttribute {
constexpr std::uint16_t username = 0x0006;
constexpr std::uint16_t messageIntegrity = 0x0008;
constexpr std::uint16_t errorCode = 0x0009;
constexpr std::uint16_t channelNumber = 0x000c;
constexpr std::uint16_t lifetime = 0x000d;
constexpr std::uint16_t xorPeerAddress = 0x0012;
constexpr std::uint16_t realm = 0x0014;
constexpr std::uint16_t nonce = 0x0015;
constexpr std::uint16_t xorRelayedAddress = 0x0016;
constexpr std::uint16_t requestedTransport = 0x0019;
constexpr std::uint16_t xorMappedAddress = 0x0020;
constexpr std::uint16_t priority = 0x0024;
constexpr std::uint16_t useCandidate = 0x0025;
constexpr std::uint16_t fingerprint = 0x8028;
constexpr std::uint16_t iceControlled = 0x8029;
constexpr std::uint16_t iceControlling = 0x802a;
} // namespace stunAttribute

/** A received message, read within the bytes that it came in (RFC 8489 sections 5 and 14). */
class StunMessage {
public:
  /** Nothing for what is no STUN message from its first to its last byte. */
  static std::optional<StunMessage> parse(Bytes bytes);

  [[nodiscard]] std::uint16_t type() const { return get16(bytes_.data()); }
  [[nodiscard]] TransactionId transactionId() const;
  /** The first of its kind that stands before the integrity, or is the integrity. */
  [[nodiscard]] std::optional<Bytes> find(std::uint16_t attribute) const;
  [[nodiscard]] std::optional<SocketAddress> findXorAddress(std::uint16_t attribute) const;
  /** 0 without an error code. */
  [[nodiscard]] unsigned errorCode() const;
  [[nodiscard]] bool hasIntegrity(Bytes key) const;
  /** True without a fingerprint, too: it is optional, but must be right. */
  [[nodiscard]] bool hasValidFingerprint() const;

private:
  explicit StunMessage(Bytes bytes) : bytes_(bytes) {}
  /** Where the attribute's header begins. */
  [[nodiscard]] std::optional<std::size_t> positionOf(std::uint16_t attribute) const;

  Bytes bytes_;
};

/** Builds a message attribute by attribute. */
class StunWriter {
public:
  StunWriter(std::uint16_t type, const TransactionId &id);

  StunWriter &attribute(std::uint16_t type, Bytes value);
  StunWriter &number(std::uint16_t type, std::uint64_t value, std::size_t bytes);
  StunWriter &xorAddress(std::uint16_t type, const SocketAddress &address);
  /** Over all before it, RFC 8489 section 14.5. */
  StunWriter &integrity(Bytes key);
  /** The last attribute, RFC 8489 section 14.7. */
  StunWriter &fingerprint();

  [[nodiscard]] const Buffer &bytes() const { return bytes_; }

private:
  void setLength(std::size_t bytesToCome);

  Buffer bytes_;
};

TransactionId newTransactionId();

} // namespace aparte
