#pragma once

#include "event-loop.hpp"

#include <deque>
#include <optional>
#include <string>

namespace aparte {

/** Lines from a pipe that isn't waited for. */
class LineReader final : public IoHandler {
public:
  /** Longer than any command, so whoever sends it doesn't speak this language. */
  static constexpr std::size_t maxLineBytes = 64U << 20;

  LineReader(EventLoop &loop, int file);
  ~LineReader() override;

  /** Nothing while there is no whole line. */
  std::optional<std::string> next();
  /** The other side has closed, or has sent a line that is too long. */
  [[nodiscard]] bool isOver() const { return isOver_; }

  void onReadable() override;

private:
  void split(std::size_t from);

  EventLoop &loop_;
  int file_;
  std::string input_;
  std::deque<std::string> lines_;
  bool isOver_ = false;
};

} // namespace aparte
