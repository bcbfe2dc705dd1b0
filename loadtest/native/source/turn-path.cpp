#include "turn-path.hpp"

#include "digest.hpp"

#include <algorithm>

namespace aparte {

namespace {

/** Within RFC 8656 section 12's range; one peer needs one. */
constexpr std::uint16_t channel = 0x4000;
constexpr std::size_t channelHeaderBytes = 4;
constexpr std::uint8_t protocolUdp = 17;
/** RFC 8489 section 6.2.1: 500 ms, doubled each time; given up after seven. */
constexpr std::int64_t firstTimeoutNs = 500 * nsPerMs;
constexpr unsigned maxAttempts = 7;
/** An old nonce is told once; a wrong password is told for ever. */
constexpr unsigned maxChallenges = 3;
/** Permissions live for 300 s (RFC 8656 section 9). */
constexpr std::int64_t permissionNs = 240 * nsPerSecond;
constexpr unsigned unauthorized = 401;
constexpr unsigned staleNonce = 438;

} // namespace

TurnPath::TurnPath(EventLoop &loop, const SocketAddress &local, TurnServer server, Listeners listeners)
    : loop_(loop), server_(std::move(server)), listeners_(std::move(listeners)),
      socket_(loop, local, [this](Datagram &datagram) { onDatagram(datagram); }),
      retransmission_(loop.timers(), [this](std::int64_t) { transmit(monotonicNs()); }),
      refreshing_(loop.timers(), [this](std::int64_t) { refresh(); }) {
  socket_.connect(server_.address);
}

TurnPath::~TurnPath() {
  if (stage_ == Stage::idle || stage_ == Stage::allocating) return;
  lifetimeS_ = 0;
  request(stunType::refreshRequest);
}

void TurnPath::open(const SocketAddress &peer) {
  peer_ = peer;
  stage_ = Stage::allocating;
  request(stunType::allocateRequest);
}

void TurnPath::request(std::uint16_t type) {
  pendingType_ = type;
  pendingId_ = newTransactionId();
  StunWriter writer(type, pendingId_);
  if (type == stunType::allocateRequest) {
    writer.number(stunAttribute::requestedTransport, static_cast<std::uint64_t>(protocolUdp) << 24, 4);
  }
  if (type == stunType::refreshRequest) writer.number(stunAttribute::lifetime, lifetimeS_, 4);
  if (type == stunType::channelBindRequest) {
    writer.number(stunAttribute::channelNumber, static_cast<std::uint64_t>(channel) << 16, 4);
  }
  if (type == stunType::channelBindRequest || type == stunType::createPermissionRequest) {
    writer.xorAddress(stunAttribute::xorPeerAddress, peer_);
  }
  if (!key_.empty()) {
    writer.attribute(stunAttribute::username, bytesOf(server_.username));
    writer.attribute(stunAttribute::realm, bytesOf(realm_));
    writer.attribute(stunAttribute::nonce, nonce_);
    writer.integrity(key_);
  }
  pending_ = writer.bytes();
  attempts_ = 0;
  transmit(monotonicNs());
}

void TurnPath::transmit(std::int64_t nowNs) {
  if (attempts_ == maxAttempts) {
    fail("the TURN server doesn't answer");
    return;
  }
  const Bytes message = pending_;
  socket_.send({&message, 1});
  retransmission_.schedule(nowNs + (firstTimeoutNs << attempts_));
  ++attempts_;
}

void TurnPath::refresh() {
  const bool permissionIsOld = monotonicNs() - permittedNs_ > permissionNs;
  request(permissionIsOld ? stunType::createPermissionRequest : stunType::refreshRequest);
}

void TurnPath::onDatagram(Datagram &datagram) {
  if (datagram.bytes.empty()) return;
  if (datagram.bytes[0] >= 0x40) {
    onChannelData(datagram);
    return;
  }
  const auto message = StunMessage::parse(datagram.bytes);
  if (!message || pending_.empty() || message->transactionId() != pendingId_) return;
  if ((message->type() & ~stunType::classMask) != pendingType_) return;
  if ((message->type() & stunType::classMask) == stunType::errorClass) onError(*message);
  else if ((message->type() & stunType::classMask) == stunType::successClass) onResponse(*message);
}

void TurnPath::onChannelData(Datagram &datagram) {
  if (datagram.bytes.size() < channelHeaderBytes || get16(datagram.bytes.data()) != channel) return;
  const std::size_t length = get16(&datagram.bytes[2]);
  if (length > datagram.bytes.size() - channelHeaderBytes) return;
  listeners_.received(datagram.bytes.subspan(channelHeaderBytes, length), peer_, datagram.receivedNs);
}

void TurnPath::onError(const StunMessage &message) {
  const unsigned code = message.errorCode();
  const auto realm = message.find(stunAttribute::realm);
  const auto nonce = message.find(stunAttribute::nonce);
  const bool isChallenge = code == unauthorized || code == staleNonce;
  if (!isChallenge || !nonce || challenges_ == maxChallenges) {
    fail("the TURN server refused with " + std::to_string(code));
    return;
  }
  ++challenges_;
  if (realm) realm_ = textOf(*realm);
  nonce_.assign(nonce->begin(), nonce->end());
  key_ = longTermKey(server_.username, realm_, server_.password);
  request(pendingType_);
}

void TurnPath::onResponse(const StunMessage &message) {
  if (key_.empty() || !message.hasIntegrity(key_)) return;
  challenges_ = 0;
  pending_.clear();
  retransmission_.cancel();
  advance(message);
}

void TurnPath::advance(const StunMessage &message) {
  if (const auto lifetime = message.find(stunAttribute::lifetime); lifetime && lifetime->size() == 4) {
    lifetimeS_ = std::max<std::uint32_t>(get32(lifetime->data()), 2);
  }
  switch (pendingType_) {
  case stunType::allocateRequest:
    stage_ = Stage::permitting;
    request(stunType::createPermissionRequest);
    return;
  case stunType::createPermissionRequest:
    permittedNs_ = monotonicNs();
    // A channel's binding outlives its permission, and is renewed with it.
    if (stage_ == Stage::permitting) stage_ = Stage::binding;
    request(stunType::channelBindRequest);
    return;
  case stunType::channelBindRequest:
    if (stage_ == Stage::ready) {
      request(stunType::refreshRequest);
      return;
    }
    break;
  default:
    break;
  }
  const std::int64_t waitNs = std::min<std::int64_t>(lifetimeS_ * nsPerSecond / 2, permissionNs + nsPerSecond);
  refreshing_.schedule(monotonicNs() + waitNs);
  if (stage_ != Stage::binding) return;
  stage_ = Stage::ready;
  listeners_.ready();
}

void TurnPath::fail(const std::string &reason) {
  stage_ = Stage::failed;
  pending_.clear();
  retransmission_.cancel();
  refreshing_.cancel();
  listeners_.failed(reason);
}

bool TurnPath::send(Bytes datagram) { return sendBatch({&datagram, 1}) == 1; }

std::size_t TurnPath::sendBatch(std::span<const Bytes> datagrams) {
  if (stage_ != Stage::ready) return 0;
  const std::size_t count = std::min(datagrams.size(), UdpSocket::maxBatch);
  if (frames_.size() < count) frames_.resize(count);
  std::array<Bytes, UdpSocket::maxBatch> framed;
  for (std::size_t index = 0; index < count; ++index) {
    Buffer &frame = frames_[index];
    frame.resize(channelHeaderBytes);
    put16(frame.data(), channel);
    put16(&frame[2], static_cast<std::uint32_t>(datagrams[index].size()));
    append(frame, datagrams[index]);
    framed[index] = frame;
  }
  return socket_.send(std::span(framed).first(count));
}

} // namespace aparte
