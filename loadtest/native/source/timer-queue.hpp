#pragma once

#include "clock.hpp"

#include <functional>
#include <map>
#include <optional>

namespace aparte {

class Timer;

/** When which timer is due, by the monotonic clock. */
class TimerQueue {
public:
  /** Nothing without timers. */
  [[nodiscard]] std::optional<std::int64_t> nextDueNs() const;

  /** Runs all that are due by then, in order. */
  void runDue(std::int64_t nowNs);

private:
  friend class Timer;
  using Entries = std::multimap<std::int64_t, Timer *>;
  Entries entries_;
};

/** Belongs to who waits for it, and is off when that is gone. */
class Timer {
public:
  /** Called with the time at which it was due. */
  using Callback = std::function<void(std::int64_t dueNs)>;

  Timer(TimerQueue &queue, Callback callback);
  Timer(const Timer &) = delete;
  Timer &operator=(const Timer &) = delete;
  ~Timer() { cancel(); }

  /** In place of any earlier time. */
  void schedule(std::int64_t dueNs);
  void cancel();
  [[nodiscard]] bool isScheduled() const { return place_.has_value(); }

private:
  friend class TimerQueue;

  TimerQueue &queue_;
  Callback callback_;
  std::optional<TimerQueue::Entries::iterator> place_;
  /** Kept between two times, so that a running timer allocates nothing. */
  TimerQueue::Entries::node_type node_;
};

} // namespace aparte
