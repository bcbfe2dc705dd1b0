#pragma once

#include "rtp-header.hpp"

#include <span>

namespace aparte {

class SentStream;

/** A packet to be sent, with the header that it begins with. */
struct OutgoingPacket {
  const RtpHeader *header;
  Bytes bytes;
};

/** What streams send by: a transport. */
class PacketOutput {
public:
  PacketOutput() = default;
  PacketOutput(const PacketOutput &) = delete;
  PacketOutput &operator=(const PacketOutput &) = delete;
  virtual ~PacketOutput() = default;

  /** Copies, stamps, protects and sends. Before the transport is connected nothing is sent. */
  virtual void sendRtp(std::span<const OutgoingPacket> packets) = 0;
  virtual void sendRtcp(Bytes compound) = 0;
  [[nodiscard]] virtual bool isConnected() const = 0;
  /** The stream is gone. */
  virtual void forget(SentStream &stream) = 0;
  /** Which feedback of this transport is sent under. */
  [[nodiscard]] virtual std::uint32_t feedbackSsrc() const = 0;
};

} // namespace aparte
