#include "sent-stream.hpp"

#include "frame-stamp.hpp"
#include "udp-socket.hpp"

#include <algorithm>

namespace aparte {

namespace {

/** The packets of a frame leave within about this time, some each millisecond. */
constexpr std::size_t pacedOverMs = 8;
constexpr std::size_t smallestBurst = 3;
constexpr std::size_t largestBurst = UdpSocket::maxBatch;
constexpr std::int64_t reportIntervalNs = nsPerSecond;
/** An engine that was stopped for longer leaves frames out instead of sending them all at once. */
constexpr std::int64_t longestLagNs = 500 * nsPerMs;

} // namespace

SentStream::SentStream(EngineContext &context, PacketOutput &output, KeyRing &keys,
                       const SentStreamOptions &options)
    : context_(context), outputs_{&output}, keys_(keys), source_(options.source), cname_(options.cname),
      isActive_(options.isActive), sealer_(options.source),
      intervalNs_(static_cast<std::int64_t>(static_cast<double>(nsPerSecond) /
                                            options.encodings.front().media->framesPerSecond())),
      phaseNs_(static_cast<std::int64_t>(options.phase * 997 * static_cast<double>(intervalNs_)) %
                    intervalNs_),
      frames_(context.loop.timers(), [this](std::int64_t dueNs) { onFrameDue(dueNs); }),
      pacing_(context.loop.timers(), [this](std::int64_t dueNs) { pump(dueNs); }),
      reports_(context.loop.timers(), [this](std::int64_t) { sendReports(); }) {
  for (const SentEncodingOptions &encoding : options.encodings) encodings_.emplace_back(encoding);
  setAudioLevel(options.audioLevelDbov);
}

SentStream::~SentStream() {
  for (PacketOutput *const output : outputs_) output->forget(*this);
}

void SentStream::start() {
  // On a grid of the clock, so that what lies between two streams is their phases alone, in each run the same,
  // and not how long the one took to connect.
  startNs_ = (monotonicNs() / intervalNs_ + 1) * intervalNs_ + phaseNs_;
  frames_.schedule(startNs_);
}

void SentStream::setAudioLevel(std::uint8_t dbov) {
  for (SentEncoding &encoding : encodings_) encoding.setAudioLevel(dbov);
}

bool SentStream::setEncodings(const std::vector<bool> &areActive) {
  if (areActive.size() != encodings_.size()) return false;
  for (std::size_t index = 0; index < areActive.size(); ++index) {
    encodings_[index].setActive(areActive[index]);
  }
  return true;
}

void SentStream::onFrameDue(std::int64_t dueNs) {
  const std::int64_t nowNs = monotonicNs();
  // The distance to the beginning stays a multiple of the interval, so timestamps stay right.
  const std::int64_t behind = std::max<std::int64_t>(0, nowNs - dueNs - longestLagNs) / intervalNs_;
  frames_.schedule(dueNs + (1 + behind) * intervalNs_);
  number_ += static_cast<std::uint32_t>(behind);
  ++number_;
  if (!isActive_) return;
  for (SentEncoding &encoding : encodings_) {
    if (encoding.isActive()) sendFrame(encoding, dueNs - startNs_);
  }
  if (!pacing_.isScheduled()) pump(dueNs);
}

void SentStream::sendFrame(SentEncoding &encoding, std::int64_t mediaNs) {
  SendingKey *const key = keys_.sending(source_);
  // Without a key nothing leaves, as in a browser.
  if (key == nullptr && context_.settings.seals) return;
  const bool isAudio = kindOf(source_) == MediaKind::audio;
  const Bytes encoded = encoding.nextFrame();
  frame_.assign(encoded.begin(), encoded.end());
  if (context_.settings.stamps) {
    if (!isAudio) frame_.resize(frame_.size() + FrameStamp::byteLength);
    if (frame_.size() > FrameStamp::byteLength) {
      const auto sentUs = static_cast<std::uint64_t>(context_.referenceUs(realtimeNs()));
      writeStamp({sentUs, number_}, frame_);
    }
  }
  Bytes payload = frame_;
  if (context_.settings.seals) {
    sealer_.seal(*key, frame_, previous_, sealed_);
    if (isAudio) previous_.swap(frame_);
    payload = sealed_;
  }
  sequences_.clear();
  encoding.packetize(payload, mediaNs, sequences_);
  for (const std::uint16_t sequence : sequences_) queue_.push_back({&encoding, sequence});
  ++context_.counters.framesOf(kindOf(source_)).sent;
}

void SentStream::pump(std::int64_t dueNs) {
  if (queue_.empty()) return;
  const std::size_t wanted = std::max(smallestBurst, (queue_.size() + pacedOverMs - 1) / pacedOverMs);
  std::size_t left = std::min(wanted, queue_.size());
  while (left > 0) {
    std::array<OutgoingPacket, largestBurst> burst;
    const std::size_t count = std::min(left, burst.size());
    for (std::size_t index = 0; index < count; ++index) {
      const Queued &next = queue_[index];
      burst[index] = {&next.encoding->header(), next.encoding->packet(next.sequence)};
    }
    for (PacketOutput *const output : outputs_) output->sendRtp(std::span(burst).first(count));
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    left -= count;
  }
  const std::int64_t nowNs = monotonicNs();
  context_.counters.sendDelayUs.record((nowNs - dueNs) / nsPerUs);
  if (!queue_.empty()) pacing_.schedule(std::max(dueNs, nowNs - nsPerMs) + nsPerMs);
  // Receivers put layers together by reports, so the first one comes with the first packets.
  if (!reports_.isScheduled()) sendReports();
}

void SentStream::sendReports() {
  reports_.schedule(monotonicNs() + reportIntervalNs);
  if (!isActive_) return;
  Buffer compound;
  const std::int64_t mediaNs = std::max<std::int64_t>(0, monotonicNs() - startNs_);
  for (const SentEncoding &encoding : encodings_) {
    if (!encoding.isActive()) continue;
    writeSenderReport(encoding.report(realtimeNs(), mediaNs), compound);
    writeSourceDescription(encoding.ssrc(), cname_, compound);
  }
  if (compound.empty()) return;
  for (PacketOutput *const output : outputs_) output->sendRtcp(compound);
}

SentEncoding *SentStream::find(std::uint32_t ssrc) {
  const auto found = std::ranges::find(encodings_, ssrc, &SentEncoding::ssrc);
  return found == encodings_.end() ? nullptr : &*found;
}

bool SentStream::handleKeyFrameRequest(std::uint32_t ssrc) {
  SentEncoding *const encoding = find(ssrc);
  if (encoding == nullptr) return false;
  encoding->requestKeyFrame();
  ++context_.counters.keyFrameRequestsReceived;
  return true;
}

bool SentStream::handleNack(std::uint32_t ssrc, std::span<const std::uint16_t> sequences,
                            PacketOutput &asker) {
  SentEncoding *const encoding = find(ssrc);
  if (encoding == nullptr) return false;
  ++context_.counters.nacksReceived;
  for (const std::uint16_t sequence : sequences) {
    const OutgoingPacket again = encoding->retransmission(sequence);
    if (again.bytes.empty()) continue;
    asker.sendRtp({&again, 1});
    ++context_.counters.packetsRetransmitted;
  }
  return true;
}

} // namespace aparte
