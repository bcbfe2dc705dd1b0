#include "event-loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace aparte {

namespace {

/** Few enough that timers aren't late when all sockets are busy. */
constexpr std::size_t eventsPerRound = 32;
/** Then commands have their turn. */
constexpr unsigned roundsPerTurn = 32;
constexpr std::int64_t restNs = nsPerMs;
/** Which share of this time must go by with handling for the loop to be busy, or to stay it. */
constexpr std::int64_t busyWindowNs = 100 * nsPerMs;
constexpr double busyFrom = 0.35;
constexpr double busyUntil = 0.15;
constexpr std::int64_t longestWaitNs = nsPerSecond;

} // namespace

EventLoop::EventLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_.number() < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

void EventLoop::add(int file, IoHandler &handler, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, file, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

void EventLoop::watch(int file, IoHandler &handler) { add(file, handler, EPOLLIN); }

void EventLoop::watchForWriting(int file, IoHandler &handler) { add(file, handler, EPOLLOUT); }

void EventLoop::unwatch(int file) { epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, file, nullptr); }

void EventLoop::rest() {
  if (!isBusy_ && !polls_) return;
  const std::int64_t untilNs = wokeNs_ + restNs;
  timespec until{};
  until.tv_sec = untilNs / nsPerSecond;
  until.tv_nsec = untilNs % nsPerSecond;
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
}

int EventLoop::wait(std::int64_t longestNs, std::span<epoll_event> events) {
  timespec timeout{};
  timeout.tv_sec = longestNs / nsPerSecond;
  timeout.tv_nsec = longestNs % nsPerSecond;
  // In nanoseconds: the older call's milliseconds would make packets late by up to one.
  return epoll_pwait2(epoll_.number(), events.data(), static_cast<int>(events.size()), &timeout, nullptr);
}

void EventLoop::handle(std::span<const epoll_event> events) {
  for (const epoll_event &event : events) {
    auto *const handler = static_cast<IoHandler *>(event.data.ptr);
    // One of them only: a handler may end its watch, and then mustn't hear anything more.
    if ((event.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) handler->onReadable();
    else handler->onWritable();
  }
  timers_.runDue(monotonicNs());
}

void EventLoop::noteHandled(std::int64_t fromNs, std::int64_t untilNs) {
  handledNs_ += untilNs - fromNs;
  const std::int64_t passedNs = untilNs - windowNs_;
  if (passedNs < busyWindowNs) return;
  const double share = static_cast<double>(handledNs_) / static_cast<double>(passedNs);
  isBusy_ = share > (isBusy_ ? busyUntil : busyFrom);
  windowNs_ = untilNs;
  handledNs_ = 0;
}

void EventLoop::turn() {
  rest();
  std::array<epoll_event, eventsPerRound> events;
  const std::int64_t nowNs = monotonicNs();
  const std::int64_t dueNs = timers_.nextDueNs().value_or(nowNs + longestWaitNs);
  int count = wait(polls_ ? 0 : std::clamp<std::int64_t>(dueNs - nowNs, 0, longestWaitNs), events);
  wokeNs_ = monotonicNs();
  handle(std::span(events).first(static_cast<std::size_t>(std::max(count, 0))));
  // There may be more than one round takes.
  for (unsigned round = 1; round < roundsPerTurn && count == static_cast<int>(eventsPerRound); ++round) {
    count = wait(0, events);
    handle(std::span(events).first(static_cast<std::size_t>(std::max(count, 0))));
  }
  noteHandled(wokeNs_, monotonicNs());
}

} // namespace aparte
