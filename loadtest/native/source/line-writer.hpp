#pragma once

#include "event-loop.hpp"

#include <string>

namespace aparte {

/** Lines to a pipe that isn't waited for. */
class LineWriter final : public IoHandler {
public:
  /** Who reads so slowly has stopped to read. */
  static constexpr std::size_t maxBacklogBytes = 256U << 20;

  LineWriter(EventLoop &loop, int file);
  ~LineWriter() override;

  void write(const std::string &line);
  /** Nobody reads any more. */
  [[nodiscard]] bool isOver() const { return isOver_; }

  /** The kernel tells by it that nobody reads any more. */
  void onReadable() override { isOver_ = true; }
  void onWritable() override { flush(); }

private:
  void flush();

  EventLoop &loop_;
  int file_;
  std::string backlog_;
  bool isWatched_ = false;
  bool isOver_ = false;
};

} // namespace aparte
