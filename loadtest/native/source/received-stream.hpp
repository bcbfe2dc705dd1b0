#pragma once

#include "engine-context.hpp"
#include "frame-assembler.hpp"
#include "frame-opener.hpp"
#include "frame-stamp.hpp"
#include "held-frames.hpp"
#include "loss-tracker.hpp"
#include "packet-output.hpp"
#include "rtcp-writer.hpp"

#include <functional>
#include <optional>

namespace aparte {

struct ReceivedStreamOptions {
  std::string from;
  MediaSource source;
  std::uint32_t ssrc;
  /** 0 without. */
  std::uint32_t rtxSsrc;
  std::uint32_t clockRate;
  double openShare;
  bool isActive;
  /** Called once, with the time by the reference clock. */
  std::function<void(std::int64_t atUs)> onFirstFrame;
};

/** A consumer's stream: what comes of it, what is missing, and what the frames say when opened. */
class ReceivedStream {
public:
  ReceivedStream(EngineContext &context, PacketOutput &output, KeyRing &keys, ReceivedStreamOptions options);

  [[nodiscard]] std::uint32_t ssrc() const { return options_.ssrc; }
  [[nodiscard]] std::uint32_t rtxSsrc() const { return options_.rtxSsrc; }

  void setActive(bool isActive);
  void setOpenShare(double openShare) { options_.openShare = openShare; }

  void handleRtp(const RtpPacket &packet, std::int64_t receivedNs);
  void handleRtx(const RtpPacket &packet, std::int64_t receivedNs);
  void noteSenderReport(std::uint32_t ntpMiddle);

  /** Opens what came before its keys, if they are there now. */
  void keysCame();

  /** Ten times a second: what is missing is asked for, or given up. */
  void tick(std::int64_t nowNs);
  /** Nothing before the first packet. */
  std::optional<ReportBlock> takeReport(std::int64_t nowNs);

private:
  void accept(const RtpPacket &packet, std::uint16_t sequence, bool cameByRtx, std::int64_t receivedNs);
  void noteJitter(const RtpPacket &packet, std::int64_t receivedNs);
  void askAgain(std::int64_t nowNs);
  void askForKeyFrame(std::int64_t nowNs);
  bool isNextToOpen();
  void noteFrame(std::int64_t receivedNs);
  void noteSkipped();
  void noteGap(std::int64_t receivedNs);
  void open(Bytes bytes, bool isKey, bool isLate, std::int64_t receivedNs);
  void noteOpened(Bytes frame, bool isKey, bool isLate, std::int64_t receivedNs);
  void countWithoutKey(std::size_t frames);
  void tellFirstFrame();
  [[nodiscard]] MediaKind kind() const { return kindOf(options_.source); }

  EngineContext &context_;
  PacketOutput &output_;
  ReceivedStreamOptions options_;
  FrameOpener opener_;
  HeldFrames held_;
  LossTracker losses_;
  FrameAssembler assembler_;

  double shareDue_ = 0;
  bool hasFirstFrame_ = false;
  std::optional<std::uint32_t> lastNumber_;
  std::int64_t lastFrameNs_ = 0;
  double meanGapNs_ = 0;
  std::uint64_t packetsSinceTick_ = 0;
  std::int64_t askedForKeyFrameNs_ = 0;

  // What receiver reports tell, RFC 3550 sections 6.4.1 and A.3.
  std::int64_t expected_ = 0;
  std::int64_t received_ = 0;
  std::int64_t reportedExpected_ = 0;
  std::int64_t reportedReceived_ = 0;
  double jitter_ = 0;
  std::int64_t lastTransit_ = 0;
  bool hasTransit_ = false;
  std::uint32_t senderReport_ = 0;
  std::int64_t senderReportNs_ = 0;
};

} // namespace aparte
