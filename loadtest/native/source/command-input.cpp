#include "command-input.hpp"

#include "base64url.hpp"
#include "engine-error.hpp"

#include <algorithm>

namespace aparte {

namespace {

constexpr std::uint64_t highestPayloadType = 127;
/** Of the one-byte form. */
constexpr std::uint64_t highestExtensionId = 14;
constexpr std::uint64_t highestKeyId = (1ULL << 24) - 1;

Buffer readBytes(Fields &fields, const std::string &field) {
  auto bytes = fromBase64Url(fields.text(field));
  if (!bytes) throw EngineError("bad-input", fields.nameOf(field) + ": expected base64url");
  return std::move(*bytes);
}

/** `turn:ADDRESS:PORT?transport=udp`, RFC 7065; nothing for what can't be used. */
std::optional<SocketAddress> parseTurnUrl(const std::string &url) {
  constexpr std::string_view scheme = "turn:";
  if (!url.starts_with(scheme)) return std::nullopt;
  const auto query = url.find('?');
  if (query != std::string::npos && url.substr(query) != "?transport=udp") return std::nullopt;
  std::string host = url.substr(scheme.size(), query == std::string::npos ? query : query - scheme.size());
  std::uint16_t port = 3478;
  const auto colon = host.rfind(':');
  const bool hasPort = colon != std::string::npos && (host.find(':') == colon || host[colon - 1] == ']');
  if (hasPort) {
    const std::string digits = host.substr(colon + 1);
    if (digits.empty() || digits.size() > 5 || !std::ranges::all_of(digits, [](char each) {
          return each >= '0' && each <= '9';
        })) {
      return std::nullopt;
    }
    const int number = std::stoi(digits);
    if (number > 0xffff) return std::nullopt;
    port = static_cast<std::uint16_t>(number);
    host.resize(colon);
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return SocketAddress::parse(host, port);
}

/** `turns:…` or `turn:…?transport=tcp`, RFC 7065: browsers can, this engine can't. */
bool isTurnByTcp(const std::string &url) {
  return url.starts_with("turns:") || (url.starts_with("turn:") && url.ends_with("?transport=tcp"));
}

SentEncodingOptions readEncoding(Fields fields, const SentEncodingOptions &shared, const std::string &media,
                                 EngineContext &context) {
  SentEncodingOptions options = shared;
  const auto layer = fields.whole<std::uint32_t>("layer", 9);
  options.media = context.mediaFile(media + "-" + std::to_string(layer));
  if (options.media->isOpus() != (options.kind == MediaKind::audio)) {
    throw EngineError("bad-input", fields.nameOf("layer") + ": the file is of another kind");
  }
  options.ssrc = fields.whole<std::uint32_t>("ssrc");
  if (fields.has("rtxSsrc")) options.rtxSsrc = fields.whole<std::uint32_t>("rtxSsrc");
  if (fields.has("rid")) options.rid = fields.text("rid");
  options.isActive = fields.flag("active");
  fields.finish();
  return options;
}

} // namespace

EngineSettings readEngineSettings(Fields &fields) {
  EngineSettings settings;
  settings.mediaFolder = fields.text("mediaFolder");
  settings.seals = fields.flag("seal");
  settings.stamps = fields.flag("stamp");
  settings.polls = fields.has("polls") && fields.flag("polls");
  for (const Json &name : fields.array("srtpProfiles")) {
    const auto profile = name.is_string() ? findSrtpProfile(name.get<std::string>()) : std::nullopt;
    if (!profile) throw EngineError("bad-input", fields.nameOf("srtpProfiles") + ": an unknown profile");
    settings.profiles.push_back(*profile);
  }
  if (settings.profiles.empty()) settings.profiles = allSrtpProfiles();
  return settings;
}

Direction readDirection(Fields &fields) {
  const std::string direction = fields.text("direction");
  if (direction == "send") return Direction::send;
  if (direction == "receive") return Direction::receive;
  throw EngineError("bad-input", fields.nameOf("direction") + ": expected send or receive");
}

MediaSource readSource(Fields &fields) {
  const auto source = findMediaSource(fields.text("source"));
  if (!source) throw EngineError("bad-input", fields.nameOf("source") + " isn't known");
  return *source;
}

std::optional<TurnServer> readRelay(Fields &fields) {
  const bool relayOnly = fields.flag("relayOnly");
  const Json &servers = fields.array("iceServers");
  if (!relayOnly) return std::nullopt;
  bool hasOthers = false;
  for (const Json &each : servers) {
    Fields server(each, fields.nameOf("iceServers"));
    const Json &urls = server.array("urls");
    for (const Json &url : urls) {
      const std::string text = url.is_string() ? url.get<std::string>() : "";
      const auto address = parseTurnUrl(text);
      hasOthers = hasOthers || isTurnByTcp(text);
      if (!address || !server.has("username") || !server.has("credential")) continue;
      return TurnServer{*address, server.text("username"), server.text("credential")};
    }
  }
  if (hasOthers) throw EngineError("unsupported", "iceServers: this engine reaches TURN servers by UDP only");
  throw EngineError("bad-input", "iceServers: no TURN server over UDP with credentials and a numeric address");
}

std::vector<Fingerprint> readFingerprints(Fields dtlsParameters) {
  dtlsParameters.ignore("role");
  std::vector<Fingerprint> fingerprints;
  for (const Json &each : dtlsParameters.array("fingerprints")) {
    Fields fingerprint(each, dtlsParameters.nameOf("fingerprints"));
    fingerprints.push_back({fingerprint.text("algorithm"), fingerprint.text("value")});
    fingerprint.finish();
  }
  dtlsParameters.finish();
  return fingerprints;
}

Peer readPeer(Fields &fields) {
  Peer peer;
  Fields ice = fields.object("iceParameters");
  peer.ice = {ice.text("usernameFragment"), ice.text("password")};
  peer.fingerprints = readFingerprints(fields.object("dtlsParameters"));
  std::int64_t best = -1;
  for (const Json &each : fields.array("iceCandidates")) {
    Fields candidate(each, fields.nameOf("iceCandidates"));
    const auto priority = static_cast<std::int64_t>(candidate.whole<std::uint32_t>("priority"));
    if (candidate.text("protocol") != "udp" || priority <= best) continue;
    const auto address =
        SocketAddress::parse(candidate.text("address"), candidate.whole<std::uint16_t>("port"));
    if (!address) continue;
    best = priority;
    peer.address = *address;
  }
  if (best < 0) throw EngineError("bad-input", "iceCandidates: none for UDP with a numeric address");
  return peer;
}

HeaderExtensionIds readHeaderExtensions(Fields &fields) {
  Fields given = fields.object("headerExtensions");
  const auto id = [&](const char *field) -> std::uint8_t {
    return given.has(field) ? given.whole<std::uint8_t>(field, highestExtensionId) : std::uint8_t{0};
  };
  const HeaderExtensionIds ids{.mid = id("mid"),
                               .rid = id("rid"),
                               .repairedRid = id("repairedRid"),
                               .absSendTime = id("absSendTime"),
                               .transportCc = id("transportCc"),
                               .audioLevel = id("audioLevel")};
  given.finish();
  return ids;
}

SentStreamOptions readSentStream(Fields &fields, EngineContext &context) {
  SentStreamOptions options;
  options.source = readSource(fields);
  options.cname = fields.text("cname");
  options.isActive = fields.flag("active");
  options.audioLevelDbov = fields.whole<std::uint8_t>("audioLevelDbov", 127);
  options.phase = fields.number("phase", 0, 1);
  SentEncodingOptions shared{};
  shared.kind = kindOf(options.source);
  shared.mid = fields.text("mid");
  shared.payloadType = fields.whole<std::uint8_t>("payloadType", highestPayloadType);
  if (fields.has("rtxPayloadType")) {
    shared.rtxPayloadType = fields.whole<std::uint8_t>("rtxPayloadType", highestPayloadType);
  }
  shared.clockRate = fields.whole<std::uint32_t>("clockRate", 1'000'000);
  shared.ids = readHeaderExtensions(fields);
  shared.phase = options.phase;
  const std::string media = fields.text("media");
  if (media != "voice" && media != "camera" && media != "screen") {
    throw EngineError("bad-input", fields.nameOf("media") + ": expected voice, camera or screen");
  }
  for (const Json &each : fields.array("encodings")) {
    options.encodings.push_back(readEncoding({each, fields.nameOf("encodings")}, shared, media, context));
  }
  if (options.encodings.empty()) throw EngineError("bad-input", fields.nameOf("encodings") + " is empty");
  return options;
}

ReceivedStreamOptions readReceivedStream(Fields &fields) {
  ReceivedStreamOptions options{};
  options.from = fields.text("from");
  options.source = readSource(fields);
  options.ssrc = fields.whole<std::uint32_t>("ssrc");
  if (fields.has("rtxSsrc")) options.rtxSsrc = fields.whole<std::uint32_t>("rtxSsrc");
  options.clockRate = fields.whole<std::uint32_t>("clockRate", 1'000'000);
  options.openShare = fields.number("openShare", 0, 1);
  options.isActive = fields.flag("active");
  // Streams are told apart by SSRC alone.
  for (const char *const field : {"mid", "payloadType", "rtxPayloadType"}) fields.ignore(field);
  return options;
}

KeyInput readKey(Fields &fields) {
  const auto keyId = fields.whole<std::uint64_t>("keyId", highestKeyId);
  const auto suite = fields.whole<std::uint32_t>("suite", 5);
  const Buffer key = readBytes(fields, "key");
  const Buffer salt = readBytes(fields, "salt");
  const bool fits = (suite == 4 && key.size() == 16) || (suite == 5 && key.size() == 32);
  if (!fits) throw EngineError("bad-input", fields.nameOf("key") + " doesn't fit its suite, 4 or 5");
  return {keyId, readSource(fields), FrameCipher(key, salt)};
}

} // namespace aparte
