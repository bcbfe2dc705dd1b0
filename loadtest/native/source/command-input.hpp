#pragma once

#include "fields.hpp"
#include "participant.hpp"

namespace aparte {

// What the inputs of commands mean: each reads some fields of loadtest/engine/media-engine.ts and
// throws `EngineError` with `bad-input` for what can't be.

EngineSettings readEngineSettings(Fields &fields);
Direction readDirection(Fields &fields);
/** The first that can be used of `iceServers`, if `relayOnly` asks for one. Addresses are numeric. */
std::optional<TurnServer> readRelay(Fields &fields);
Peer readPeer(Fields &fields);
std::vector<Fingerprint> readFingerprints(Fields dtlsParameters);
SentStreamOptions readSentStream(Fields &fields, EngineContext &context);
ReceivedStreamOptions readReceivedStream(Fields &fields);
HeaderExtensionIds readHeaderExtensions(Fields &fields);
MediaSource readSource(Fields &fields);

struct KeyInput {
  std::uint64_t keyId;
  MediaSource source;
  FrameCipher cipher;
};
KeyInput readKey(Fields &fields);

} // namespace aparte
