#pragma once

#include "fields.hpp"
#include "participant.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

namespace aparte {

constexpr std::string_view engineVersion = "1";

/** Carries out commands. `loadtest/engine/media-engine.ts` explains each. */
class Engine {
public:
  using OnEvent = std::function<void(const std::string &name, Json data)>;

  Engine(EventLoop &loop, OnEvent onEvent);
  ~Engine();
  Engine(const Engine &) = delete;
  Engine &operator=(const Engine &) = delete;

  /** The answer's data. Throws `EngineError`. */
  Json execute(const std::string &command, const Json &input);

private:
  using Handler = Json (Engine::*)(Fields &);
  static const std::map<std::string, Handler> &handlers();

  Json open(Fields &fields);
  Json setClock(Fields &fields);
  Json createParticipant(Fields &fields);
  Json closeParticipant(Fields &fields);
  Json createTransport(Fields &fields);
  Json startTransport(Fields &fields);
  Json acceptTransport(Fields &fields);
  Json closeTransport(Fields &fields);
  Json sendStream(Fields &fields);
  Json mirrorStream(Fields &fields);
  Json receiveStream(Fields &fields);
  Json setStream(Fields &fields);
  Json stopStream(Fields &fields);
  Json setKeys(Fields &fields);
  Json forgetKeys(Fields &fields);
  Json takeStats(Fields &fields);

  EngineContext &context();
  /** By the field's name; the one that says whom the command is about unless told. */
  Participant &participantOf(Fields &fields, const std::string &field = "participant");

  EventLoop &loop_;
  OnEvent onEvent_;
  std::optional<EngineContext> context_;
  std::map<std::string, std::unique_ptr<Participant>> participants_;
  struct Usage;
  std::unique_ptr<Usage> usage_;
};

} // namespace aparte
