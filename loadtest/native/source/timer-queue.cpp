#include "timer-queue.hpp"

#include <utility>

namespace aparte {

std::optional<std::int64_t> TimerQueue::nextDueNs() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.begin()->first;
}

void TimerQueue::runDue(std::int64_t nowNs) {
  while (!entries_.empty() && entries_.begin()->first <= nowNs) {
    Timer *const timer = entries_.begin()->second;
    const std::int64_t dueNs = entries_.begin()->first;
    timer->cancel();
    timer->callback_(dueNs);
  }
}

Timer::Timer(TimerQueue &queue, Callback callback) : queue_(queue), callback_(std::move(callback)) {}

void Timer::schedule(std::int64_t dueNs) {
  cancel();
  if (node_.empty()) {
    place_ = queue_.entries_.emplace(dueNs, this);
    return;
  }
  node_.key() = dueNs;
  place_ = queue_.entries_.insert(std::move(node_));
}

void Timer::cancel() {
  if (!place_) return;
  node_ = queue_.entries_.extract(*std::exchange(place_, std::nullopt));
}

} // namespace aparte
