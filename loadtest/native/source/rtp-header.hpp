#pragma once

#include "rtp-packet.hpp"

#include <string>

namespace aparte {

/**
 * The header of the packets of one encoding, made once. What changes from packet to packet is written
 * over it where it stands; what is known at the moment of sending only (`stampForSending`) stands
 * first among the extensions, so it stands at one place in all.
 */
class RtpHeader {
public:
  struct Options {
    std::uint32_t ssrc;
    std::uint8_t payloadType;
    HeaderExtensionIds ids;
    std::string mid;
    /** Empty without. */
    std::string rid;
    /** RTX tells the rid by an extension of its own (RFC 8852 section 3.3). */
    bool isRepair = false;
  };

  explicit RtpHeader(const Options &options);

  [[nodiscard]] std::size_t byteLength() const { return bytes_.size(); }
  /** Writes it to the beginning of `packet`. */
  void write(std::uint8_t *packet, std::uint16_t sequence, std::uint32_t timestamp, bool marker) const;
  void setAudioLevel(std::uint8_t dbov);

  /** Over a packet that began with this header. */
  void stampForSending(std::uint8_t *packet, std::int64_t realtimeNs, std::uint16_t transportSequence) const;

private:
  void element(std::uint8_t id, Bytes value);

  Buffer bytes_;
  std::size_t absSendTimeAt_ = 0;
  std::size_t transportCcAt_ = 0;
  std::size_t audioLevelAt_ = 0;
};

} // namespace aparte
