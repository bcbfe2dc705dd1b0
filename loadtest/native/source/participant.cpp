#include "participant.hpp"

#include "engine-error.hpp"

namespace aparte {

void Participant::createTransport(Direction direction, std::optional<TurnServer> relay,
                                  Transport::OnState onState) {
  if (transports_.contains(direction)) throw EngineError("bad-input", "there is such a transport already");
  transports_.emplace(direction,
                      std::make_unique<Transport>(context_, std::move(relay), std::move(onState)));
}

Transport &Participant::transport(Direction direction) {
  const auto found = transports_.find(direction);
  if (found == transports_.end()) throw EngineError("unknown", "there is no such transport");
  return *found->second;
}

void Participant::closeTransport(Direction direction) {
  transport(direction);
  // Before the transport, which they would tell of their end.
  if (direction == Direction::send) sent_.clear();
  else received_.clear();
  transports_.erase(direction);
}

void Participant::assertFree(const std::string &stream) const {
  if (sent_.contains(stream) || received_.contains(stream)) {
    throw EngineError("bad-input", "there is a stream " + stream + " already");
  }
}

void Participant::send(const std::string &stream, const SentStreamOptions &options) {
  assertFree(stream);
  Transport &output = transport(Direction::send);
  auto made = std::make_unique<SentStream>(context_, output, keys_, options);
  output.add(*made);
  sent_.emplace(stream, std::move(made));
}

void Participant::receive(const std::string &stream, ReceivedStreamOptions options,
                          std::uint8_t transportCcId) {
  assertFree(stream);
  Transport &input = transport(Direction::receive);
  auto made = std::make_unique<ReceivedStream>(context_, input, keys_, std::move(options));
  input.add(*made, transportCcId);
  received_.emplace(stream, std::move(made));
}

void Participant::stop(const std::string &stream) {
  if (sent_.erase(stream) > 0) return;
  ReceivedStream *const found = received(stream);
  if (found == nullptr) throw EngineError("unknown", "there is no stream " + stream);
  transport(Direction::receive).remove(*found);
  received_.erase(stream);
}

void Participant::keysCame() {
  for (const auto &[name, stream] : received_) stream->keysCame();
}

SentStream *Participant::sent(const std::string &stream) {
  const auto found = sent_.find(stream);
  return found == sent_.end() ? nullptr : found->second.get();
}

ReceivedStream *Participant::received(const std::string &stream) {
  const auto found = received_.find(stream);
  return found == received_.end() ? nullptr : found->second.get();
}

} // namespace aparte
