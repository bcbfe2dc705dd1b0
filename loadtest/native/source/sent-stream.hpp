#pragma once

#include "engine-context.hpp"
#include "frame-sealer.hpp"
#include "sent-encoding.hpp"

#include <deque>

namespace aparte {

struct SentStreamOptions {
  MediaSource source;
  std::string cname;
  std::vector<SentEncodingOptions> encodings;
  bool isActive;
  std::uint8_t audioLevelDbov;
  double phase;
};

/** One source of a participant: its frames when they are due, sealed, cut, paced. */
class SentStream {
public:
  SentStream(EngineContext &context, PacketOutput &output, KeyRing &keys, const SentStreamOptions &options);
  SentStream(const SentStream &) = delete;
  SentStream &operator=(const SentStream &) = delete;
  ~SentStream();

  /** When the transport is connected. */
  void start();

  void setActive(bool isActive) { isActive_ = isActive; }
  void setAudioLevel(std::uint8_t dbov);
  /** One value an encoding; false if there are more or fewer. */
  [[nodiscard]] bool setEncodings(const std::vector<bool> &areActive);

  /** From now on the same packets leave there, too, as an SFU forwards them. */
  void mirrorTo(PacketOutput &output) { outputs_.push_back(&output); }
  void endMirrorTo(PacketOutput &output) { std::erase(outputs_, &output); }

  /** Whether the SSRC is one of this stream's. */
  bool handleKeyFrameRequest(std::uint32_t ssrc);
  /** What is asked for again leaves by `asker`. */
  bool handleNack(std::uint32_t ssrc, std::span<const std::uint16_t> sequences, PacketOutput &asker);

private:
  struct Queued {
    SentEncoding *encoding;
    std::uint16_t sequence;
  };

  void onFrameDue(std::int64_t dueNs);
  void sendFrame(SentEncoding &encoding, std::int64_t mediaNs);
  void pump(std::int64_t dueNs);
  void sendReports();
  SentEncoding *find(std::uint32_t ssrc);

  EngineContext &context_;
  /** The own one first. */
  std::vector<PacketOutput *> outputs_;
  KeyRing &keys_;
  MediaSource source_;
  std::string cname_;
  bool isActive_;
  FrameSealer sealer_;
  std::deque<SentEncoding> encodings_;
  std::int64_t intervalNs_;
  std::int64_t phaseNs_;
  std::int64_t startNs_ = 0;
  std::uint32_t number_ = 0;

  Buffer frame_;
  Buffer previous_;
  Buffer sealed_;
  std::vector<std::uint16_t> sequences_;
  std::deque<Queued> queue_;
  Timer frames_;
  Timer pacing_;
  Timer reports_;
};

} // namespace aparte
