#include "received-stream.hpp"

#include "vp8-payload.hpp"

#include <algorithm>
#include <cmath>

namespace aparte {

namespace {

constexpr std::int64_t keyFrameRequestIntervalNs = 500 * nsPerMs;
/** W3C webrtc-stats, `freezeCount`: how much longer than the mean a freeze is at least. */
constexpr double freezeBeyondMeanNs = 150.0 * nsPerMs;
/** The mean of about the last thirty, as there. */
constexpr double meanWeight = 1.0 / 30;
constexpr std::size_t rtxNumberBytes = 2;

} // namespace

ReceivedStream::ReceivedStream(EngineContext &context, PacketOutput &output, KeyRing &keys,
                               ReceivedStreamOptions options)
    : context_(context), output_(output), options_(std::move(options)),
      opener_(keys, options_.from, options_.source),
      assembler_(
          [this](const FrameAssembler::Frame &frame) {
            noteFrame(frame.receivedNs);
            if (frame.isWanted) open(frame.bytes, frame.isKey, false, frame.receivedNs);
            else noteSkipped();
          },
          [this] { return isNextToOpen(); }) {}

void ReceivedStream::setActive(bool isActive) {
  if (options_.isActive == isActive) return;
  options_.isActive = isActive;
  losses_.reset();
  assembler_.reset();
  countWithoutKey(held_.take().size());
  lastFrameNs_ = 0;
  hasTransit_ = false;
}

void ReceivedStream::handleRtp(const RtpPacket &packet, std::int64_t receivedNs) {
  accept(packet, packet.sequence, false, receivedNs);
}

void ReceivedStream::handleRtx(const RtpPacket &packet, std::int64_t receivedNs) {
  // Without a number it is padding that probes the bandwidth.
  if (packet.payload.size() <= rtxNumberBytes) return;
  RtpPacket original = packet;
  original.payload = packet.payload.subspan(rtxNumberBytes);
  accept(original, get16(packet.payload.data()), true, receivedNs);
}

void ReceivedStream::accept(const RtpPacket &packet, std::uint16_t sequence, bool cameByRtx,
                            std::int64_t receivedNs) {
  if (!options_.isActive) return;
  // What was played before this receiver began is of no use to it.
  if (cameByRtx && !losses_.hasBegun()) return;
  const std::int64_t nowNs = monotonicNs();
  const auto arrival = losses_.note(sequence, nowNs);
  EngineCounters &counters = context_.counters;
  ++packetsSinceTick_;
  expected_ += arrival.newlyExpected;
  counters.packetsExpected += static_cast<std::uint64_t>(arrival.newlyExpected);
  counters.packetsLost += static_cast<std::uint64_t>(arrival.newlyLost);
  if (arrival.isDuplicate) return;
  ++received_;
  if (arrival.isRepair || cameByRtx) ++counters.packetsRepaired;
  else noteJitter(packet, receivedNs);
  if (arrival.newlyMissing > 0) askAgain(nowNs);
  if (packet.payload.empty()) return;
  if (kind() == MediaKind::audio) {
    noteFrame(receivedNs);
    if (isNextToOpen()) open(packet.payload, false, arrival.newlyExpected == 0, receivedNs);
    else noteSkipped();
    return;
  }
  const auto descriptor = parseVp8Descriptor(packet.payload);
  if (!descriptor) return;
  const Bytes body = packet.payload.subspan(descriptor->byteLength);
  assembler_.push({arrival.sequence, packet.timestamp, descriptor->isStart, packet.marker, body, receivedNs});
}

void ReceivedStream::noteJitter(const RtpPacket &packet, std::int64_t receivedNs) {
  const auto arrival = static_cast<std::int64_t>(static_cast<double>(receivedNs) / nsPerSecond *
                                                 options_.clockRate);
  const std::int64_t transit = arrival - packet.timestamp;
  const std::int64_t difference = std::abs(transit - lastTransit_);
  lastTransit_ = transit;
  // A timestamp that wrapped, or a sender that changed, isn't jitter.
  if (hasTransit_ && difference < options_.clockRate) {
    jitter_ += (static_cast<double>(difference) - jitter_) / 16;
  }
  hasTransit_ = true;
}

void ReceivedStream::noteSenderReport(std::uint32_t ntpMiddle) {
  senderReport_ = ntpMiddle;
  senderReportNs_ = monotonicNs();
}

void ReceivedStream::askAgain(std::int64_t nowNs) {
  if (options_.rtxSsrc == 0) return;
  const auto due = losses_.takeDueNacks(nowNs);
  if (due.empty()) return;
  Buffer compound;
  writeNack(output_.feedbackSsrc(), options_.ssrc, due, compound);
  output_.sendRtcp(compound);
  ++context_.counters.nacksSent;
}

void ReceivedStream::askForKeyFrame(std::int64_t nowNs) {
  if (nowNs - askedForKeyFrameNs_ < keyFrameRequestIntervalNs) return;
  askedForKeyFrameNs_ = nowNs;
  Buffer compound;
  writePli(output_.feedbackSsrc(), options_.ssrc, compound);
  output_.sendRtcp(compound);
  ++context_.counters.keyFrameRequestsSent;
}

void ReceivedStream::tick(std::int64_t nowNs) {
  if (!options_.isActive) return;
  context_.counters.packetsLost += static_cast<std::uint64_t>(losses_.takeLost(nowNs));
  if (losses_.hasMissing()) askAgain(nowNs);
  if (kind() == MediaKind::video) {
    assembler_.expire(realtimeNs());
    if (assembler_.needsKeyFrame() && packetsSinceTick_ > 0) askForKeyFrame(nowNs);
  }
  packetsSinceTick_ = 0;
  if (!held_.isEmpty()) countWithoutKey(held_.expire(realtimeNs()));
}

std::optional<ReportBlock> ReceivedStream::takeReport(std::int64_t nowNs) {
  if (!losses_.hasBegun()) return std::nullopt;
  const std::int64_t expected = expected_ - reportedExpected_;
  const std::int64_t lost = expected - (received_ - reportedReceived_);
  reportedExpected_ = expected_;
  reportedReceived_ = received_;
  const std::int64_t fraction = expected > 0 && lost > 0 ? lost * 256 / expected : 0;
  const std::int64_t allLost = std::clamp<std::int64_t>(expected_ - received_, 0, 0x7f'ffff);
  const std::int64_t delayNs = senderReport_ == 0 ? 0 : nowNs - senderReportNs_;
  return ReportBlock{options_.ssrc,
                     static_cast<std::uint8_t>(std::min<std::int64_t>(fraction, 255)),
                     static_cast<std::uint32_t>(allLost),
                     losses_.highest(),
                     static_cast<std::uint32_t>(jitter_),
                     senderReport_,
                     static_cast<std::uint32_t>(static_cast<double>(delayNs) / nsPerSecond * 65'536)};
}

bool ReceivedStream::isNextToOpen() {
  shareDue_ += options_.openShare;
  if (shareDue_ < 1) return false;
  shareDue_ -= 1;
  return true;
}

void ReceivedStream::noteFrame(std::int64_t receivedNs) {
  ++context_.counters.framesOf(kind()).received;
  noteGap(receivedNs);
}

void ReceivedStream::noteSkipped() {
  ++context_.counters.framesOf(kind()).skipped;
  if (options_.openShare <= 0) tellFirstFrame();
}

void ReceivedStream::noteGap(std::int64_t receivedNs) {
  const auto gapNs = static_cast<double>(receivedNs - lastFrameNs_);
  const bool isFirst = lastFrameNs_ == 0;
  lastFrameNs_ = receivedNs;
  if (isFirst) return;
  LogHistogram &gaps = context_.counters.framesOf(kind()).gapUs;
  const auto gapUs = static_cast<std::int64_t>(gapNs / nsPerUs);
  if (kind() == MediaKind::audio) {
    gaps.record(gapUs);
    return;
  }
  if (meanGapNs_ > 0 && gapNs > std::max(3 * meanGapNs_, meanGapNs_ + freezeBeyondMeanNs)) gaps.record(gapUs);
  meanGapNs_ = meanGapNs_ <= 0 ? gapNs : meanGapNs_ + (gapNs - meanGapNs_) * meanWeight;
}

void ReceivedStream::open(Bytes bytes, bool isKey, bool isLate, std::int64_t receivedNs) {
  FrameCounters &counters = context_.counters.framesOf(kind());
  if (!context_.settings.seals) {
    noteOpened(bytes, isKey, isLate, receivedNs);
    return;
  }
  const OpenResult result = opener_.open(bytes);
  if (result == OpenResult::noKey) {
    countWithoutKey(held_.hold({Buffer(bytes.begin(), bytes.end()), isKey, isLate, receivedNs}));
    return;
  }
  ++counters.results[static_cast<std::size_t>(result)];
  if (result == OpenResult::opened) noteOpened(opener_.frame(), isKey, isLate, receivedNs);
}

void ReceivedStream::keysCame() {
  for (const HeldFrames::Frame &frame : held_.take()) {
    open(frame.bytes, frame.isKey, frame.isLate, frame.receivedNs);
  }
}

void ReceivedStream::countWithoutKey(std::size_t frames) {
  context_.counters.framesOf(kind()).results[static_cast<std::size_t>(OpenResult::noKey)] += frames;
}

void ReceivedStream::noteOpened(Bytes frame, bool isKey, bool isLate, std::int64_t receivedNs) {
  FrameCounters &counters = context_.counters.framesOf(kind());
  ++counters.opened;
  tellFirstFrame();
  const auto stamp = readStamp(frame);
  if (!stamp) return;
  counters.latencyUs.record(context_.referenceUs(receivedNs) - static_cast<std::int64_t>(stamp->sentUs));
  // A switch to another layer begins with a key frame, and each layer counts for itself.
  if (isLate) return;
  if (lastNumber_ && !isKey && stamp->number <= *lastNumber_) ++counters.disordered;
  lastNumber_ = stamp->number;
}

void ReceivedStream::tellFirstFrame() {
  if (hasFirstFrame_) return;
  hasFirstFrame_ = true;
  options_.onFirstFrame(context_.referenceUs(realtimeNs()));
}

} // namespace aparte
