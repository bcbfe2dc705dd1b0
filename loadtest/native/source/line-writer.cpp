#include "line-writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace aparte {

LineWriter::LineWriter(EventLoop &loop, int file) : loop_(loop), file_(file) {
  fcntl(file_, F_SETFL, fcntl(file_, F_GETFL) | O_NONBLOCK);
}

LineWriter::~LineWriter() {
  if (isWatched_) loop_.unwatch(file_);
}

void LineWriter::write(const std::string &line) {
  backlog_.append(line).push_back('\n');
  flush();
  if (backlog_.size() > maxBacklogBytes) isOver_ = true;
}

void LineWriter::flush() {
  while (!backlog_.empty()) {
    const ssize_t written = ::write(file_, backlog_.data(), backlog_.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) isOver_ = true;
      break;
    }
    backlog_.erase(0, static_cast<std::size_t>(written));
  }
  const bool wanted = !backlog_.empty() && !isOver_;
  if (wanted == isWatched_) return;
  if (wanted) loop_.watchForWriting(file_, *this);
  else loop_.unwatch(file_);
  isWatched_ = wanted;
}

} // namespace aparte
