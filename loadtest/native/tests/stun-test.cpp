#include "check.hpp"

#include "digest.hpp"
#include "stun-message.hpp"

#include <nlohmann/json.hpp>

namespace aparte::test {

namespace {

std::uint16_t portOf(const Json &address) { return address.at("port").get<std::uint16_t>(); }

void readsRequest(const Json &vectors) {
  const Buffer bytes = fromHex(vectors.at("request"));
  const auto message = StunMessage::parse(bytes);
  check(message.has_value(), "parsed");
  checkEqual(message->type(), stunType::bindingRequest, "type");
  const auto key = vectors.at("shortTermPassword").get<std::string>();
  check(message->hasIntegrity(bytesOf(key)), "integrity");
  check(!message->hasIntegrity(bytesOf("another")), "integrity under another password");
  check(message->hasValidFingerprint(), "fingerprint");
  check(textOf(*message->find(stunAttribute::username)) == "evtj:h6vY", "username");
}

void readsAddresses(const Json &vectors) {
  for (const auto &[response, address] :
       {std::pair{"responseIPv4", "mappedIPv4"}, std::pair{"responseIPv6", "mappedIPv6"}}) {
    const Buffer bytes = fromHex(vectors.at(response));
    const auto message = StunMessage::parse(bytes);
    check(message.has_value(), "parsed");
    const auto mapped = message->findXorAddress(stunAttribute::xorMappedAddress);
    check(mapped.has_value(), "address");
    const Json &expected = vectors.at(address);
    const auto same = SocketAddress::parse(expected.at("address").get<std::string>(), portOf(expected));
    check(*mapped == *same, "the address");
  }
}

void provesLongTermCredentials(const Json &vectors) {
  const Json &given = vectors.at("longTerm");
  const Buffer bytes = fromHex(given.at("message"));
  const auto message = StunMessage::parse(bytes);
  check(message.has_value(), "parsed");
  const Buffer key = longTermKey(given.at("username").get<std::string>(), given.at("realm").get<std::string>(),
                                 given.at("password").get<std::string>());
  check(message->hasIntegrity(key), "integrity");
}

void readsWhatItWrites() {
  const TransactionId id = newTransactionId();
  const auto address = *SocketAddress::parse("2001:db8::7", 4711);
  StunWriter writer(stunType::bindingSuccess, id);
  writer.attribute(stunAttribute::username, bytesOf("odd"));
  writer.xorAddress(stunAttribute::xorMappedAddress, address);
  writer.integrity(bytesOf("secret")).fingerprint();
  const auto message = StunMessage::parse(writer.bytes());
  check(message.has_value(), "parsed");
  check(message->transactionId() == id, "transaction");
  check(message->hasIntegrity(bytesOf("secret")), "integrity");
  check(message->hasValidFingerprint(), "fingerprint");
  check(*message->findXorAddress(stunAttribute::xorMappedAddress) == address, "address");
}

/** Up to the fingerprint, which may be absent. */
void noticesChanges() {
  StunWriter writer(stunType::bindingRequest, newTransactionId());
  writer.attribute(stunAttribute::username, bytesOf("a:b"));
  writer.integrity(bytesOf("secret")).fingerprint();
  constexpr std::size_t fingerprintBytes = 8;
  for (std::size_t at = 0; at + fingerprintBytes < writer.bytes().size(); ++at) {
    Buffer changed = writer.bytes();
    changed[at] ^= 1;
    const auto message = StunMessage::parse(changed);
    check(!message || !message->hasIntegrity(bytesOf("secret")) || !message->hasValidFingerprint(),
          "a change at " + std::to_string(at));
  }
}

} // namespace

Tests stunTests(const Json &vectors) {
  return {{"STUN: reads RFC 5769's request", [vectors] { readsRequest(vectors); }},
          {"STUN: reads RFC 5769's addresses", [vectors] { readsAddresses(vectors); }},
          {"STUN: proves RFC 5769's long-term credentials", [vectors] { provesLongTermCredentials(vectors); }},
          {"STUN: reads what it writes", readsWhatItWrites},
          {"STUN: notices each changed bit", noticesChanges}};
}

} // namespace aparte::test
