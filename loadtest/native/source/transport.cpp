#include "transport.hpp"

#include "digest.hpp"
#include "direct-path.hpp"
#include "engine-error.hpp"
#include "rtcp-reader.hpp"

#include <algorithm>

namespace aparte {

namespace {

constexpr std::int64_t tickNs = 100 * nsPerMs;
constexpr unsigned ticksPerReport = 10;

SocketAddress anyAddress(int family) {
  return *SocketAddress::parse(family == AF_INET6 ? "::" : "0.0.0.0", 0);
}

double msBetween(std::int64_t fromNs, std::int64_t toNs) {
  return static_cast<double>(toNs - fromNs) / nsPerMs;
}

} // namespace

Transport::Transport(EngineContext &context, std::optional<TurnServer> relay, OnState onState)
    : context_(context), relay_(std::move(relay)), onState_(std::move(onState)),
      feedbackSsrc_(randomNumber()),
      ice_(context.loop.timers(), IceAgent::Role::controlling,
           {[this](Bytes message) { path_->send(message); },
            [this] {
              iceNs_ = monotonicNs();
              dtls_->start();
            },
            [this] { fail("no answer for 15 s"); }}),
      ticking_(context.loop.timers(), [this](std::int64_t) { tick(); }) {}

Transport::~Transport() {
  if (isConnected()) --context_.connectedTransports;
  // The own ones are gone already; what is left belongs to other transports.
  for (SentStream *const stream : sent_) stream->endMirrorTo(*this);
}

DatagramPath::Listeners Transport::pathListeners() {
  return {[this](MutableBytes bytes, const SocketAddress &from, std::int64_t receivedNs) {
            onReceived(bytes, from, receivedNs);
          },
          [this] {
            if (!isServer_) ice_.start(peer_.ice);
          },
          [this](const std::string &reason) { fail(reason); }};
}

void Transport::beginDtls(DtlsSession::Role role, std::vector<Fingerprint> fingerprints) {
  startedNs_ = monotonicNs();
  dtls_.emplace(context_.dtls, context_.loop.timers(), role, std::move(fingerprints),
                DtlsSession::Listeners{[this](Bytes datagram) { path_->send(datagram); },
                                       [this](const SrtpKeys &keys) { onKeys(keys); },
                                       [this](const std::string &reason) { fail(reason); }});
}

void Transport::start(const Peer &peer) {
  peer_ = peer;
  if (relay_) {
    path_ = std::make_unique<TurnPath>(context_.loop, anyAddress(relay_->address.family()), *relay_,
                                       pathListeners());
  } else {
    path_ = std::make_unique<DirectPath>(context_.loop, anyAddress(peer.address.family()), pathListeners());
  }
  beginDtls(DtlsSession::Role::client, peer.fingerprints);
  path_->open(peer.address);
}

SocketAddress Transport::accept(const SocketAddress &local, std::vector<Fingerprint> fingerprints) {
  isServer_ = true;
  ice_.becomeControlled();
  auto path = std::make_unique<DirectPath>(context_.loop, local, pathListeners());
  const SocketAddress bound = path->localAddress();
  path_ = std::move(path);
  beginDtls(DtlsSession::Role::server, std::move(fingerprints));
  return bound;
}

void Transport::onReceived(MutableBytes bytes, const SocketAddress &from, std::int64_t receivedNs) {
  if (bytes.empty() || hasFailed_) return;
  // RFC 7983 section 7.
  if (bytes[0] < 4) onStun(bytes, from);
  else if (bytes[0] >= 20 && bytes[0] < 64) dtls_->receive(bytes);
  else if (bytes[0] >= 128 && bytes[0] < 192 && srtp_) {
    ++context_.counters.packetsReceived;
    context_.counters.bytesReceived += bytes.size();
    if (isRtcp(bytes)) onRtcp(bytes);
    else onRtp(bytes, receivedNs);
    context_.counters.receiveDelayUs.record((realtimeNs() - receivedNs) / nsPerUs);
  }
}

void Transport::onStun(Bytes bytes, const SocketAddress &from) {
  const auto message = StunMessage::parse(bytes);
  if (!message) return;
  if (!isServer_) {
    if (const auto answer = ice_.answer(*message, from)) path_->send(*answer);
    else ice_.handleResponse(*message);
    return;
  }
  const bool isFirst = iceNs_ == 0;
  const auto answer = ice_.answer(*message, from);
  if (!answer) return;
  if (isFirst) path_->open(from);
  path_->send(*answer);
}

void Transport::onRtp(MutableBytes bytes, std::int64_t receivedNs) {
  const std::size_t length = srtp_->unprotectRtp(bytes);
  if (length == 0) return;
  const auto packet = parseRtp(bytes.first(length), transportCcId_);
  if (!packet) return;
  if (packet->transportSequence) {
    feedback_.record(*packet->transportSequence, receivedNs);
    lastMediaSsrc_ = packet->ssrc;
  }
  // What isn't known probes the bandwidth (mediasoup does by SSRC 1234), or is closed already.
  const Reception *const found = receptions_.find(packet->ssrc);
  if (found == nullptr) return;
  if (found->isRtx) found->stream->handleRtx(*packet, receivedNs);
  else found->stream->handleRtp(*packet, receivedNs);
}

void Transport::onRtcp(MutableBytes bytes) {
  const std::size_t length = srtp_->unprotectRtcp(bytes);
  if (length == 0) return;
  const RtcpContent content = readRtcp(bytes.first(length));
  for (const auto &report : content.senderReports) {
    const Reception *const found = receptions_.find(report.ssrc);
    if (found != nullptr) found->stream->noteSenderReport(report.ntpMiddle);
  }
  for (const auto &nack : content.nacks) {
    for (SentStream *const stream : sent_) {
      if (stream->handleNack(nack.ssrc, nack.sequences, *this)) break;
    }
  }
  for (const std::uint32_t ssrc : content.keyFramesOf) {
    for (SentStream *const stream : sent_) {
      if (stream->handleKeyFrameRequest(ssrc)) break;
    }
  }
}

void Transport::onKeys(const SrtpKeys &keys) {
  srtp_.emplace(keys);
  profile_ = keys.profile.name;
  dtlsNs_ = monotonicNs();
  ++context_.connectedTransports;
  // Not all at the same moment.
  ticking_.schedule(dtlsNs_ + tickNs * (randomNumber() % 100) / 100);
  tell("");
  for (SentStream *const stream : sent_) stream->start();
}

void Transport::add(SentStream &stream) {
  sent_.push_back(&stream);
  if (isConnected()) stream.start();
}

void Transport::mirror(SentStream &stream) {
  if (!isConnected()) throw EngineError("bad-input", "the transport isn't connected");
  if (std::ranges::find(sent_, &stream) != sent_.end()) throw EngineError("bad-input", "it leaves there already");
  sent_.push_back(&stream);
  stream.mirrorTo(*this);
}

void Transport::add(ReceivedStream &stream, std::uint8_t transportCcId) {
  // One for all streams of a transport, as negotiated.
  transportCcId_ = transportCcId;
  received_.push_back(&stream);
  receptions_.set(stream.ssrc(), {&stream, false});
  if (stream.rtxSsrc() != 0) receptions_.set(stream.rtxSsrc(), {&stream, true});
}

void Transport::remove(ReceivedStream &stream) {
  std::erase(received_, &stream);
  receptions_.eraseIf([&](const Reception &each) { return each.stream == &stream; });
}

void Transport::sendRtp(std::span<const OutgoingPacket> packets) {
  if (!isConnected()) return;
  thread_local std::array<std::array<std::uint8_t, maxRtpPacketBytes + srtpOverheadBytes>, UdpSocket::maxBatch> slots;
  std::array<Bytes, UdpSocket::maxBatch> ready;
  std::size_t count = 0;
  const std::int64_t nowNs = realtimeNs();
  for (const OutgoingPacket &packet : packets.first(std::min(packets.size(), slots.size()))) {
    if (packet.bytes.empty()) continue;
    auto &slot = slots[count];
    const std::size_t headerBytes = packet.header->byteLength();
    std::ranges::copy(packet.bytes.first(headerBytes), slot.begin());
    packet.header->stampForSending(slot.data(), nowNs, transportSequence_++);
    const std::size_t length = srtp_->protectRtp(slot.data(), headerBytes, packet.bytes.subspan(headerBytes));
    if (length > 0) ready[count++] = Bytes(slot).first(length);
  }
  const std::size_t sent = path_->sendBatch(std::span(ready).first(count));
  context_.counters.packetsSent += sent;
  for (std::size_t index = 0; index < sent; ++index) context_.counters.bytesSent += ready[index].size();
}

void Transport::sendRtcp(Bytes compound) {
  if (!isConnected()) return;
  Buffer packet(compound.begin(), compound.end());
  packet.resize(compound.size() + srtpOverheadBytes);
  const std::size_t length = srtp_->protectRtcp(packet.data(), compound.size());
  if (length == 0 || !path_->send(Bytes(packet).first(length))) return;
  ++context_.counters.packetsSent;
  context_.counters.bytesSent += length;
}

void Transport::tick() {
  const std::int64_t nowNs = monotonicNs();
  ticking_.schedule(nowNs + tickNs);
  for (ReceivedStream *const stream : received_) stream->tick(nowNs);
  Buffer compound;
  while (!feedback_.isEmpty()) {
    compound.clear();
    feedback_.write(feedbackSsrc_, lastMediaSsrc_, compound);
    sendRtcp(compound);
  }
  if (++ticks_ % ticksPerReport == 0) report(nowNs);
}

void Transport::report(std::int64_t nowNs) {
  std::vector<ReportBlock> blocks;
  for (ReceivedStream *const stream : received_) {
    if (const auto block = stream->takeReport(nowNs)) blocks.push_back(*block);
  }
  for (std::size_t at = 0; at < blocks.size(); at += maxReportBlocks) {
    Buffer compound;
    writeReceiverReport(feedbackSsrc_, std::span(blocks).subspan(at), compound);
    sendRtcp(compound);
  }
}

void Transport::fail(const std::string &reason) {
  if (hasFailed_) return;
  if (isConnected()) --context_.connectedTransports;
  hasFailed_ = true;
  ticking_.cancel();
  tell(reason);
}

void Transport::tell(const std::string &message) {
  const bool hasIce = iceNs_ != 0;
  const bool hasDtls = dtlsNs_ != 0;
  onState_({message.empty(), hasIce ? std::optional(msBetween(startedNs_, iceNs_)) : std::nullopt,
            hasDtls ? std::optional(msBetween(iceNs_, dtlsNs_)) : std::nullopt,
            hasDtls ? std::optional(profile_) : std::nullopt, path_ != nullptr && path_->isRelayed(), message});
}

} // namespace aparte
