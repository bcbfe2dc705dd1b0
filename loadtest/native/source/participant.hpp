#pragma once

#include "transport.hpp"

#include <map>
#include <memory>

namespace aparte {

enum class Direction : std::uint8_t { send, receive };

/** One synthetic participant: its keys, at most one transport a direction, its streams. */
class Participant {
public:
  explicit Participant(EngineContext &context) : context_(context) {}

  [[nodiscard]] KeyRing &keys() { return keys_; }

  /** Throws `EngineError` with `bad-input` where there is one. */
  void createTransport(Direction direction, std::optional<TurnServer> relay, Transport::OnState onState);
  /** Throws `EngineError` with `unknown`. */
  Transport &transport(Direction direction);
  /** Ends its streams, too. */
  void closeTransport(Direction direction);

  /** These throw `unknown` without the transport, `bad-input` for an id that is taken. */
  void send(const std::string &stream, const SentStreamOptions &options);
  void receive(const std::string &stream, ReceivedStreamOptions options, std::uint8_t transportCcId);
  void stop(const std::string &stream);

  /** Keys for receiving were added. */
  void keysCame();

  /** Null where there is none of that direction. */
  [[nodiscard]] SentStream *sent(const std::string &stream);
  [[nodiscard]] ReceivedStream *received(const std::string &stream);

private:
  void assertFree(const std::string &stream) const;

  EngineContext &context_;
  KeyRing keys_;
  std::map<Direction, std::unique_ptr<Transport>> transports_;
  std::map<std::string, std::unique_ptr<SentStream>> sent_;
  std::map<std::string, std::unique_ptr<ReceivedStream>> received_;
};

} // namespace aparte
