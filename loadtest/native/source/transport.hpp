#pragma once

#include "datagram-path.hpp"
#include "dtls-session.hpp"
#include "engine-context.hpp"
#include "ice-agent.hpp"
#include "packet-output.hpp"
#include "received-stream.hpp"
#include "sent-stream.hpp"
#include "srtp-session.hpp"
#include "ssrc-map.hpp"
#include "transport-feedback.hpp"
#include "turn-path.hpp"

#include <memory>
#include <optional>

namespace aparte {

struct TransportState {
  bool isConnected;
  /** Of the way there; nothing where it isn't known. */
  std::optional<double> iceMs;
  std::optional<double> dtlsMs;
  std::optional<std::string> srtpProfile;
  bool isRelayed;
  /** Why it failed; empty otherwise. */
  std::string message;
};

/** The other side, as signaling tells it. */
struct Peer {
  IceCredentials ice;
  SocketAddress address;
  std::vector<Fingerprint> fingerprints;
};

/** A participant's connection of one direction: ICE, DTLS, SRTP, and the streams that it carries. */
class Transport final : public PacketOutput {
public:
  using OnState = std::function<void(const TransportState &)>;

  Transport(EngineContext &context, std::optional<TurnServer> relay, OnState onState);
  ~Transport() override;

  /** As client of an ICE-lite server. Throws `EngineError`. */
  void start(const Peer &peer);
  /** As such a server, on that address: what a peer in another engine connects to. */
  SocketAddress accept(const SocketAddress &local, std::vector<Fingerprint> fingerprints);
  [[nodiscard]] const IceCredentials &iceCredentials() const { return ice_.local(); }
  [[nodiscard]] bool hasBegun() const { return startedNs_ != 0; }

  void add(SentStream &stream);
  /** A stream of another transport leaves here, too. Throws `bad-input` before this is connected, and for one that does already. */
  void mirror(SentStream &stream);
  void add(ReceivedStream &stream, std::uint8_t transportCcId);
  void remove(ReceivedStream &stream);

  void sendRtp(std::span<const OutgoingPacket> packets) override;
  void sendRtcp(Bytes compound) override;
  void forget(SentStream &stream) override { std::erase(sent_, &stream); }
  [[nodiscard]] bool isConnected() const override { return srtp_.has_value() && !hasFailed_; }
  [[nodiscard]] std::uint32_t feedbackSsrc() const override { return feedbackSsrc_; }

private:
  struct Reception {
    ReceivedStream *stream;
    bool isRtx;
  };

  DatagramPath::Listeners pathListeners();
  void beginDtls(DtlsSession::Role role, std::vector<Fingerprint> fingerprints);
  void onReceived(MutableBytes bytes, const SocketAddress &from, std::int64_t receivedNs);
  void onStun(Bytes bytes, const SocketAddress &from);
  void onRtp(MutableBytes bytes, std::int64_t receivedNs);
  void onRtcp(MutableBytes bytes);
  void onKeys(const SrtpKeys &keys);
  void tick();
  void report(std::int64_t nowNs);
  void fail(const std::string &reason);
  void tell(const std::string &message);

  EngineContext &context_;
  std::optional<TurnServer> relay_;
  OnState onState_;
  std::uint32_t feedbackSsrc_;
  bool isServer_ = false;
  bool hasFailed_ = false;
  std::int64_t startedNs_ = 0;
  std::int64_t iceNs_ = 0;
  std::int64_t dtlsNs_ = 0;
  Peer peer_;
  std::unique_ptr<DatagramPath> path_;
  IceAgent ice_;
  std::optional<DtlsSession> dtls_;
  std::optional<SrtpSession> srtp_;
  std::string profile_;

  std::vector<SentStream *> sent_;
  std::vector<ReceivedStream *> received_;
  SsrcMap<Reception> receptions_;
  std::uint16_t transportSequence_ = 0;
  std::uint8_t transportCcId_ = 0;
  TransportFeedback feedback_;
  std::uint32_t lastMediaSsrc_ = 0;
  unsigned ticks_ = 0;
  Timer ticking_;
};

} // namespace aparte
