#include "event-loop.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace aparte {

namespace {

/** Few enough that timers aren't late when all sockets are busy. */
constexpr std::size_t eventsPerTurn = 32;
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

void EventLoop::turn() {
  const std::int64_t nowNs = monotonicNs();
  const std::int64_t dueNs = timers_.nextDueNs().value_or(nowNs + longestWaitNs);
  std::array<epoll_event, eventsPerTurn> events;
  const std::int64_t waitNs = std::clamp<std::int64_t>(dueNs - nowNs, 0, longestWaitNs);
  timespec timeout{};
  timeout.tv_sec = waitNs / nsPerSecond;
  timeout.tv_nsec = waitNs % nsPerSecond;
  // In nanoseconds: the older call's milliseconds would make packets late by up to one.
  const int count = epoll_pwait2(epoll_.number(), events.data(), eventsPerTurn, &timeout, nullptr);
  for (int index = 0; index < count; ++index) {
    const epoll_event &event = events[static_cast<std::size_t>(index)];
    auto *const handler = static_cast<IoHandler *>(event.data.ptr);
    // One of them only: a handler may end its watch, and then mustn't hear anything more.
    if ((event.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) handler->onReadable();
    else handler->onWritable();
  }
  timers_.runDue(monotonicNs());
}

} // namespace aparte
