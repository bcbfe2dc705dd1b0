#pragma once

#include "frame-opener.hpp"
#include "log-histogram.hpp"

#include <array>

namespace aparte {

/** `FrameStats` of loadtest/engine/media-engine.ts, where each is explained. */
struct FrameCounters {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t opened = 0;
  std::uint64_t skipped = 0;
  std::uint64_t disordered = 0;
  std::array<std::uint64_t, openResults> results{};
  LogHistogram latencyUs;
  LogHistogram gapUs;
};

/** `EngineStats` of the same. */
struct EngineCounters {
  std::uint64_t packetsSent = 0;
  std::uint64_t bytesSent = 0;
  std::uint64_t packetsReceived = 0;
  std::uint64_t bytesReceived = 0;
  std::uint64_t packetsExpected = 0;
  std::uint64_t packetsLost = 0;
  std::uint64_t packetsRepaired = 0;
  std::uint64_t nacksSent = 0;
  std::uint64_t nacksReceived = 0;
  std::uint64_t packetsRetransmitted = 0;
  std::uint64_t keyFrameRequestsSent = 0;
  std::uint64_t keyFrameRequestsReceived = 0;
  FrameCounters audio;
  FrameCounters video;
  LogHistogram sendDelayUs;
  LogHistogram receiveDelayUs;

  FrameCounters &framesOf(MediaKind kind) { return kind == MediaKind::audio ? audio : video; }
};

} // namespace aparte
