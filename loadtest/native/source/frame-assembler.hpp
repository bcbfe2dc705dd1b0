#pragma once

#include "bytes.hpp"

#include <deque>
#include <functional>

namespace aparte {

/** Puts VP8 frames together from packets in any order, and gives them out in order. */
class FrameAssembler {
public:
  struct Packet {
    std::int64_t sequence;
    std::uint32_t timestamp;
    bool isStart;
    bool marker;
    /** Without the payload descriptor. */
    Bytes body;
    std::int64_t receivedNs;
  };

  struct Frame {
    /** Empty for one that isn't wanted. */
    Bytes bytes;
    bool isWanted;
    bool isKey;
    /** When its last packet came. */
    std::int64_t receivedNs;
  };

  using OnFrame = std::function<void(const Frame &frame)>;
  /** Asked when a frame begins: whether its bytes are wanted, or only that it was complete. */
  using IsWanted = std::function<bool()>;

  FrameAssembler(OnFrame onFrame, IsWanted isWanted)
      : onFrame_(std::move(onFrame)), isWanted_(std::move(isWanted)) {}

  void push(const Packet &packet);

  /**
   * Gives up what has been incomplete for too long: from then on only a key frame goes on. Until
   * one comes, `needsKeyFrame` is true, as at the very beginning.
   */
  void expire(std::int64_t nowNs);

  [[nodiscard]] bool needsKeyFrame() const { return needsKeyFrame_; }

  void reset();

private:
  struct Part {
    std::int64_t sequence;
    std::size_t offset;
    std::size_t length;
  };
  /** A frame that isn't given out yet. */
  struct Pending {
    std::uint32_t timestamp = 0;
    std::int64_t first = -1;
    std::int64_t last = -1;
    std::int64_t lowest = 0;
    std::int64_t beganNs = 0;
    std::int64_t receivedNs = 0;
    bool isKey = false;
    bool isWanted = true;
    std::size_t length = 0;
    std::vector<Part> parts;
    Buffer bytes;

    [[nodiscard]] bool isComplete() const {
      return first >= 0 && last >= first && static_cast<std::int64_t>(parts.size()) == last - first + 1;
    }
  };

  Pending &pendingOf(const Packet &packet);
  void release();
  void giveOut(Pending &frame);
  Bytes inOrder(Pending &frame);
  void recycleFront();

  OnFrame onFrame_;
  IsWanted isWanted_;
  /** By their lowest number. */
  std::deque<Pending> pending_;
  /** Emptied ones, whose memory is used again. */
  std::vector<Pending> spare_;
  std::int64_t next_ = -1;
  bool needsKeyFrame_ = true;
  Buffer sorted_;
};

} // namespace aparte
