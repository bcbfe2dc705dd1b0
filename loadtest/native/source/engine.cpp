#include "engine.hpp"

#include "command-input.hpp"
#include "engine-error.hpp"
#include "process-usage.hpp"
#include "stats-report.hpp"

#include <openssl/crypto.h>
#include <srtp2/srtp.h>

namespace aparte {

namespace {

const Json nothing = Json::object();

Json dtlsParameters(const DtlsContext &dtls, const char *role) {
  return {{"role", role},
          {"fingerprints", Json::array({{{"algorithm", "sha-256"}, {"value", dtls.fingerprint()}}})}};
}

Json optionalJson(const auto &value) { return value ? Json(*value) : Json(nullptr); }

} // namespace

/** What `stats:take` tells the change of. */
struct Engine::Usage {
  ProcessUsage process = ProcessUsage::now();
  std::int64_t sinceNs = monotonicNs();
};

Engine::Engine(EventLoop &loop, OnEvent onEvent)
    : loop_(loop), onEvent_(std::move(onEvent)), usage_(std::make_unique<Usage>()) {
  if (srtp_init() != srtp_err_status_ok) throw EngineError("failed", "libsrtp can't begin");
}

Engine::~Engine() {
  participants_.clear();
  srtp_shutdown();
}

const std::map<std::string, Engine::Handler> &Engine::handlers() {
  static const std::map<std::string, Handler> all{
      {"engine:open", &Engine::open},
      {"engine:set-clock", &Engine::setClock},
      {"participant:create", &Engine::createParticipant},
      {"participant:close", &Engine::closeParticipant},
      {"transport:create", &Engine::createTransport},
      {"transport:start", &Engine::startTransport},
      {"transport:accept", &Engine::acceptTransport},
      {"transport:close", &Engine::closeTransport},
      {"stream:send", &Engine::sendStream},
      {"stream:mirror", &Engine::mirrorStream},
      {"stream:receive", &Engine::receiveStream},
      {"stream:set", &Engine::setStream},
      {"stream:stop", &Engine::stopStream},
      {"keys:set", &Engine::setKeys},
      {"keys:forget", &Engine::forgetKeys},
      {"stats:take", &Engine::takeStats},
  };
  return all;
}

Json Engine::execute(const std::string &command, const Json &input) {
  const auto found = handlers().find(command);
  if (found == handlers().end()) throw EngineError("bad-input", "there is no command " + command);
  Fields fields(input, "input");
  return (this->*found->second)(fields);
}

EngineContext &Engine::context() {
  if (!context_) throw EngineError("bad-input", "engine:open comes first");
  return *context_;
}

Participant &Engine::participantOf(Fields &fields, const std::string &field) {
  const std::string id = fields.text(field);
  const auto found = participants_.find(id);
  if (found == participants_.end()) throw EngineError("unknown", "there is no participant " + id);
  return *found->second;
}

Json Engine::open(Fields &fields) {
  if (context_) throw EngineError("bad-input", "the engine is open already");
  EngineSettings settings = readEngineSettings(fields);
  fields.finish();
  DtlsContext dtls(settings.profiles);
  if (settings.polls) loop_.poll();
  context_.emplace(EngineContext{loop_, std::move(settings), std::move(dtls), {}, 0, 0, {}});
  std::string about(engineVersion);
  about.append(", ").append(OpenSSL_version(OPENSSL_VERSION_STRING));
  about.append(", ").append(srtp_get_version_string());
  return {{"engine", "native"}, {"version", about}};
}

Json Engine::setClock(Fields &fields) {
  constexpr double tenYearsUs = 10.0 * 365 * 86'400 * 1e6;
  context().clockOffsetUs = static_cast<std::int64_t>(fields.number("offsetUs", -tenYearsUs, tenYearsUs));
  fields.finish();
  return nothing;
}

Json Engine::createParticipant(Fields &fields) {
  const std::string id = fields.text("participant");
  fields.finish();
  if (participants_.contains(id)) throw EngineError("bad-input", "there is a participant " + id + " already");
  participants_.emplace(id, std::make_unique<Participant>(context()));
  return nothing;
}

Json Engine::closeParticipant(Fields &fields) {
  participantOf(fields);
  participants_.erase(fields.text("participant"));
  fields.finish();
  return nothing;
}

Json Engine::createTransport(Fields &fields) {
  Participant &participant = participantOf(fields);
  const std::string id = fields.text("participant");
  const Direction direction = readDirection(fields);
  auto relay = readRelay(fields);
  fields.finish();
  const std::string directionName = fields.text("direction");
  participant.createTransport(direction, std::move(relay), [this, id, directionName](const TransportState &state) {
    Json data{{"participant", id},
              {"direction", directionName},
              {"state", state.isConnected ? "connected" : "failed"},
              {"iceMs", optionalJson(state.iceMs)},
              {"dtlsMs", optionalJson(state.dtlsMs)},
              {"srtpProfile", optionalJson(state.srtpProfile)},
              {"relayed", state.isRelayed}};
    if (!state.message.empty()) data["message"] = state.message;
    onEvent_("transport:state", std::move(data));
  });
  const IceCredentials &ice = participant.transport(direction).iceCredentials();
  return {{"dtlsParameters", dtlsParameters(context().dtls, "client")},
          {"iceParameters", {{"usernameFragment", ice.usernameFragment}, {"password", ice.password}}}};
}

Json Engine::startTransport(Fields &fields) {
  Transport &transport = participantOf(fields).transport(readDirection(fields));
  const Peer peer = readPeer(fields);
  fields.finish();
  if (transport.hasBegun()) throw EngineError("bad-input", "the transport was started already");
  transport.start(peer);
  return nothing;
}

Json Engine::acceptTransport(Fields &fields) {
  Transport &transport = participantOf(fields).transport(readDirection(fields));
  const auto local = SocketAddress::parse(fields.text("address"), 0);
  if (!local) throw EngineError("bad-input", "input.address: expected a numeric address");
  auto fingerprints = readFingerprints(fields.object("dtlsParameters"));
  fields.finish();
  if (transport.hasBegun()) throw EngineError("bad-input", "the transport was started already");
  const SocketAddress bound = transport.accept(*local, std::move(fingerprints));
  const IceCredentials &ice = transport.iceCredentials();
  return {{"iceParameters",
           {{"usernameFragment", ice.usernameFragment}, {"password", ice.password}, {"iceLite", true}}},
          {"iceCandidates", Json::array({{{"foundation", "1"},
                                          {"priority", 1},
                                          {"address", bound.ip()},
                                          {"ip", bound.ip()},
                                          {"protocol", "udp"},
                                          {"port", bound.port()},
                                          {"type", "host"}}})},
          {"dtlsParameters", dtlsParameters(context().dtls, "server")}};
}

Json Engine::closeTransport(Fields &fields) {
  Participant &participant = participantOf(fields);
  const Direction direction = readDirection(fields);
  fields.finish();
  participant.closeTransport(direction);
  return nothing;
}

Json Engine::sendStream(Fields &fields) {
  Participant &participant = participantOf(fields);
  const std::string stream = fields.text("stream");
  const SentStreamOptions options = readSentStream(fields, context());
  fields.finish();
  participant.send(stream, options);
  return nothing;
}

Json Engine::mirrorStream(Fields &fields) {
  Participant &participant = participantOf(fields);
  const std::string id = fields.text("stream");
  Transport &target = participantOf(fields, "to").transport(Direction::send);
  fields.finish();
  SentStream *const stream = participant.sent(id);
  if (stream == nullptr) throw EngineError("unknown", "there is no sent stream " + id);
  target.mirror(*stream);
  return nothing;
}

Json Engine::receiveStream(Fields &fields) {
  Participant &participant = participantOf(fields);
  const std::string id = fields.text("participant");
  const std::string stream = fields.text("stream");
  ReceivedStreamOptions options = readReceivedStream(fields);
  const std::uint8_t transportCcId = readHeaderExtensions(fields).transportCc;
  fields.finish();
  options.onFirstFrame = [this, id, stream](std::int64_t atUs) {
    onEvent_("stream:first-frame", {{"participant", id}, {"stream", stream}, {"atUs", atUs}});
  };
  participant.receive(stream, std::move(options), transportCcId);
  return nothing;
}

Json Engine::setStream(Fields &fields) {
  Participant &participant = participantOf(fields);
  const std::string id = fields.text("stream");
  SentStream *const sent = participant.sent(id);
  ReceivedStream *const received = participant.received(id);
  if (sent == nullptr && received == nullptr) throw EngineError("unknown", "there is no stream " + id);
  if (fields.has("active")) {
    const bool isActive = fields.flag("active");
    if (sent != nullptr) sent->setActive(isActive);
    else received->setActive(isActive);
  }
  if (received != nullptr && fields.has("openShare")) received->setOpenShare(fields.number("openShare", 0, 1));
  if (sent != nullptr && fields.has("audioLevelDbov")) {
    sent->setAudioLevel(fields.whole<std::uint8_t>("audioLevelDbov", 127));
  }
  if (sent != nullptr && fields.has("encodings")) {
    std::vector<bool> areActive;
    for (const Json &each : fields.array("encodings")) areActive.push_back(each.is_boolean() && each.get<bool>());
    if (!sent->setEncodings(areActive)) {
      throw EngineError("bad-input", "input.encodings: expected one value an encoding");
    }
  }
  fields.finish();
  return nothing;
}

Json Engine::stopStream(Fields &fields) {
  Participant &participant = participantOf(fields);
  const std::string stream = fields.text("stream");
  fields.finish();
  participant.stop(stream);
  return nothing;
}

Json Engine::setKeys(Fields &fields) {
  Participant &participant = participantOf(fields);
  KeyRing &keys = participant.keys();
  for (const Json &each : fields.array("sending")) {
    Fields entry(each, "input.sending");
    KeyInput key = readKey(entry);
    entry.finish();
    keys.setSending(key.source, key.keyId, std::move(key.cipher));
  }
  for (const Json &each : fields.array("receiving")) {
    Fields entry(each, "input.receiving");
    KeyInput key = readKey(entry);
    std::string from = entry.text("from");
    entry.finish();
    keys.setReceiving(key.keyId, std::move(from), std::move(key.cipher));
  }
  fields.finish();
  participant.keysCame();
  return nothing;
}

Json Engine::forgetKeys(Fields &fields) {
  KeyRing &keys = participantOf(fields).keys();
  for (const Json &each : fields.array("keyIds")) {
    if (!each.is_number_unsigned()) throw EngineError("bad-input", "input.keyIds: expected whole numbers");
    keys.forget(each.get<std::uint64_t>());
  }
  fields.finish();
  return nothing;
}

Json Engine::takeStats(Fields &fields) {
  fields.finish();
  EngineContext &all = context();
  const Usage now;
  Json report = statsReport(all.counters, usage_->process, now.process, now.sinceNs - usage_->sinceNs,
                            all.connectedTransports);
  *usage_ = now;
  all.counters = {};
  return report;
}

} // namespace aparte
