#pragma once

#include <cstdint>
#include <ctime>

namespace aparte {

constexpr std::int64_t nsPerUs = 1'000;
constexpr std::int64_t nsPerMs = 1'000'000;
constexpr std::int64_t nsPerSecond = 1'000'000'000;

inline std::int64_t readClock(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<std::int64_t>(time.tv_sec) * nsPerSecond + time.tv_nsec;
}

/** What all timers go by. */
inline std::int64_t monotonicNs() { return readClock(CLOCK_MONOTONIC); }

/** What all processes of a machine share: stamps within frames, and the kernel's receive stamps. */
inline std::int64_t realtimeNs() { return readClock(CLOCK_REALTIME); }

} // namespace aparte
