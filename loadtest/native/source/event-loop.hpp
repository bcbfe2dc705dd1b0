#pragma once

#include "file-descriptor.hpp"
#include "timer-queue.hpp"

#include <sys/epoll.h>

#include <cstdint>
#include <span>

namespace aparte {

/** What a watched file is for. */
class IoHandler {
public:
  IoHandler() = default;
  IoHandler(const IoHandler &) = delete;
  IoHandler &operator=(const IoHandler &) = delete;
  virtual ~IoHandler() = default;

  virtual void onReadable() = 0;
  virtual void onWritable() {}
};

/**
 * One thread's waiting for files and timers. A handler must not be destroyed by another one's call,
 * since the kernel may have told of both at once: what comes from outside is carried out between two
 * turns (see main.cpp).
 */
class EventLoop {
public:
  EventLoop();

  [[nodiscard]] TimerQueue &timers() { return timers_; }

  void watch(int file, IoHandler &handler);
  /** The handler hears when the file can be written to, and nothing of reading. */
  void watchForWriting(int file, IoHandler &handler);
  void unwatch(int file);

  /** From now on looks once a millisecond, however little there is to do. */
  void poll() { polls_ = true; }

  /**
   * Waits until something happens, and handles it. A busy loop looks once a millisecond: what has come
   * by then is handled in one go, and nobody's packet has to wake it.
   */
  void turn();

private:
  void rest();
  int wait(std::int64_t longestNs, std::span<epoll_event> events);
  void handle(std::span<const epoll_event> events);
  void noteHandled(std::int64_t fromNs, std::int64_t untilNs);
  void add(int file, IoHandler &handler, std::uint32_t events);

  FileDescriptor epoll_;
  TimerQueue timers_;
  bool isBusy_ = false;
  bool polls_ = false;
  std::int64_t wokeNs_ = 0;
  /** What was spent with handling since then. */
  std::int64_t windowNs_ = 0;
  std::int64_t handledNs_ = 0;
};

} // namespace aparte
