#pragma once

#include "file-descriptor.hpp"
#include "timer-queue.hpp"

#include <cstdint>

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

  /** Waits until something happens, and handles it. */
  void turn();

private:
  void add(int file, IoHandler &handler, std::uint32_t events);

  FileDescriptor epoll_;
  TimerQueue timers_;
};

} // namespace aparte
