#pragma once

#include "ivf-file.hpp"
#include "media-kind.hpp"
#include "packet-history.hpp"
#include "packet-output.hpp"
#include "rtcp-writer.hpp"

#include <memory>

namespace aparte {

struct SentEncodingOptions {
  std::shared_ptr<const IvfFile> media;
  MediaKind kind;
  std::uint32_t ssrc;
  /** 0 without. */
  std::uint32_t rtxSsrc;
  std::uint8_t payloadType;
  std::uint8_t rtxPayloadType;
  std::uint32_t clockRate;
  HeaderExtensionIds ids;
  std::string mid;
  std::string rid;
  bool isActive;
  /** Where in the loop it begins, 0 to 1. */
  double phase;
};

/** One layer of a sent stream: which frame comes next, and its packets. */
class SentEncoding {
public:
  explicit SentEncoding(const SentEncodingOptions &options);

  [[nodiscard]] std::uint32_t ssrc() const { return ssrc_; }
  [[nodiscard]] bool isActive() const { return isActive_; }
  [[nodiscard]] const RtpHeader &header() const { return header_; }

  void setActive(bool isActive);
  void setAudioLevel(std::uint8_t dbov) { header_.setAudioLevel(dbov); }
  /** The next frame will be a key frame. */
  void requestKeyFrame() { wantsKeyFrame_ = true; }

  /** The frame that is due, and goes on to the one behind it. */
  Bytes nextFrame();

  /**
   * Cuts a sealed frame into packets and keeps them; appends their numbers to `sequences`.
   * `mediaNs` is since the stream began.
   */
  void packetize(Bytes sealed, std::int64_t mediaNs, std::vector<std::uint16_t> &sequences);

  /** Empty if it isn't kept any more. Holds until the next frame is packetized. */
  [[nodiscard]] Bytes packet(std::uint16_t sequence) const { return history_.find(sequence); }

  /** The packet once more, by RTX if that was negotiated. Holds until the next call. */
  OutgoingPacket retransmission(std::uint16_t sequence);

  [[nodiscard]] SenderReport report(std::int64_t realtimeNs, std::int64_t mediaNs) const;

private:
  [[nodiscard]] std::uint32_t timestampAt(std::int64_t mediaNs) const;

  std::shared_ptr<const IvfFile> media_;
  MediaKind kind_;
  std::uint32_t ssrc_;
  std::uint32_t clockRate_;
  RtpHeader header_;
  RtpHeader rtxHeader_;
  bool hasRtx_;
  bool isActive_;
  bool wantsKeyFrame_ = true;
  std::size_t cursor_;
  std::uint16_t sequence_;
  std::uint16_t rtxSequence_;
  std::uint16_t pictureId_;
  std::uint32_t timestampOffset_;
  std::uint32_t packets_ = 0;
  std::uint32_t bytes_ = 0;
  PacketHistory history_;
  std::array<std::uint8_t, maxRtpPacketBytes> rtxPacket_{};
};

} // namespace aparte
