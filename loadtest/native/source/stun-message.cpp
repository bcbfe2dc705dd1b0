#include "stun-message.hpp"

#include "digest.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace aparte {

namespace {

constexpr std::size_t headerBytes = 20;
constexpr std::size_t attributeHeaderBytes = 4;
constexpr std::uint32_t magicCookie = 0x2112'a442;
constexpr std::uint32_t fingerprintMask = 0x5354'554e;
constexpr std::size_t integrityBytes = 20;

std::size_t padded(std::size_t length) { return (length + 3) & ~std::size_t{3}; }

/** The address XOR the cookie and the transaction id, RFC 8489 section 14.2. */
Buffer xored(Bytes address, Bytes header) {
  Buffer result(address.begin(), address.end());
  for (std::size_t index = 0; index < result.size(); ++index) result[index] ^= header[4 + index];
  return result;
}

} // namespace

std::optional<StunMessage> StunMessage::parse(Bytes bytes) {
  if (bytes.size() < headerBytes || (bytes[0] & 0xc0) != 0) return std::nullopt;
  if (get32(&bytes[4]) != magicCookie) return std::nullopt;
  if (get16(&bytes[2]) != bytes.size() - headerBytes || bytes.size() % 4 != 0) return std::nullopt;
  for (std::size_t at = headerBytes; at < bytes.size();) {
    if (bytes.size() - at < attributeHeaderBytes) return std::nullopt;
    const std::size_t length = padded(get16(&bytes[at + 2]));
    if (bytes.size() - at - attributeHeaderBytes < length) return std::nullopt;
    at += attributeHeaderBytes + length;
  }
  return StunMessage(bytes);
}

TransactionId StunMessage::transactionId() const {
  TransactionId id{};
  std::ranges::copy(bytes_.subspan(8, id.size()), id.begin());
  return id;
}

std::optional<std::size_t> StunMessage::positionOf(std::uint16_t attribute) const {
  for (std::size_t at = headerBytes; at < bytes_.size();) {
    const std::uint16_t type = get16(&bytes_[at]);
    if (type == attribute) return at;
    // What follows the integrity isn't protected by it; only the fingerprint may.
    if (type == stunAttribute::messageIntegrity && attribute != stunAttribute::fingerprint) break;
    at += attributeHeaderBytes + padded(get16(&bytes_[at + 2]));
  }
  return std::nullopt;
}

std::optional<Bytes> StunMessage::find(std::uint16_t attribute) const {
  const auto at = positionOf(attribute);
  if (!at) return std::nullopt;
  return bytes_.subspan(*at + attributeHeaderBytes, get16(&bytes_[*at + 2]));
}

std::optional<SocketAddress> StunMessage::findXorAddress(std::uint16_t attribute) const {
  const auto value = find(attribute);
  if (!value || value->size() < 4) return std::nullopt;
  const std::uint8_t family = (*value)[1];
  const std::size_t ipBytes = family == 1 ? 4 : 16;
  if ((family != 1 && family != 2) || value->size() != 4 + ipBytes) return std::nullopt;
  const auto port = static_cast<std::uint16_t>(get16(&(*value)[2]) ^ (magicCookie >> 16));
  const Buffer ip = xored(value->subspan(4), bytes_);
  sockaddr_storage storage{};
  if (family == 1) {
    auto &four = reinterpret_cast<sockaddr_in &>(storage);
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    std::memcpy(&four.sin_addr, ip.data(), ip.size());
  } else {
    auto &six = reinterpret_cast<sockaddr_in6 &>(storage);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    std::memcpy(&six.sin6_addr, ip.data(), ip.size());
  }
  return SocketAddress::of(storage);
}

unsigned StunMessage::errorCode() const {
  const auto value = find(stunAttribute::errorCode);
  if (!value || value->size() < 4) return 0;
  return ((*value)[2] & 7U) * 100 + (*value)[3];
}

bool StunMessage::hasIntegrity(Bytes key) const {
  const auto at = positionOf(stunAttribute::messageIntegrity);
  if (!at || get16(&bytes_[*at + 2]) != integrityBytes) return false;
  // The length that was hashed counts up to the integrity, not to what follows it.
  Buffer hashed(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(*at));
  put16(&hashed[2], static_cast<std::uint32_t>(*at + attributeHeaderBytes + integrityBytes - headerBytes));
  const auto expected = hmacSha1(key, hashed);
  return CRYPTO_memcmp(expected.data(), &bytes_[*at + attributeHeaderBytes], integrityBytes) == 0;
}

bool StunMessage::hasValidFingerprint() const {
  const auto at = positionOf(stunAttribute::fingerprint);
  if (!at) return true;
  if (*at + attributeHeaderBytes + 4 != bytes_.size()) return false;
  return get32(&bytes_[*at + attributeHeaderBytes]) == (crc32(bytes_.first(*at)) ^ fingerprintMask);
}

StunWriter::StunWriter(std::uint16_t type, const TransactionId &id) : bytes_(8) {
  put16(bytes_.data(), type);
  put32(&bytes_[4], magicCookie);
  append(bytes_, id);
}

void StunWriter::setLength(std::size_t bytesToCome) {
  put16(&bytes_[2], static_cast<std::uint32_t>(bytes_.size() + bytesToCome - headerBytes));
}

StunWriter &StunWriter::attribute(std::uint16_t type, Bytes value) {
  ByteWriter writer(bytes_);
  writer.u16(type);
  writer.u16(value.size());
  writer.bytes(value);
  bytes_.resize(padded(bytes_.size()));
  setLength(0);
  return *this;
}

StunWriter &StunWriter::number(std::uint16_t type, std::uint64_t value, std::size_t bytes) {
  Buffer encoded(bytes);
  putBigEndian(encoded.data(), value, bytes);
  return attribute(type, encoded);
}

StunWriter &StunWriter::xorAddress(std::uint16_t type, const SocketAddress &address) {
  Buffer value;
  ByteWriter writer(value);
  writer.u8(0);
  writer.u8(address.family() == AF_INET6 ? 2 : 1);
  writer.u16(address.port() ^ (magicCookie >> 16));
  writer.bytes(xored(address.ipBytes(), bytes_));
  return attribute(type, value);
}

StunWriter &StunWriter::integrity(Bytes key) {
  setLength(attributeHeaderBytes + integrityBytes);
  return attribute(stunAttribute::messageIntegrity, hmacSha1(key, bytes_));
}

StunWriter &StunWriter::fingerprint() {
  setLength(attributeHeaderBytes + 4);
  return number(stunAttribute::fingerprint, crc32(bytes_) ^ fingerprintMask, 4);
}

TransactionId newTransactionId() {
  TransactionId id{};
  fillRandom(id);
  return id;
}

} // namespace aparte
