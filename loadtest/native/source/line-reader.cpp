#include "line-reader.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace aparte {

LineReader::LineReader(EventLoop &loop, int file) : loop_(loop), file_(file) {
  fcntl(file_, F_SETFL, fcntl(file_, F_GETFL) | O_NONBLOCK);
  loop_.watch(file_, *this);
}

LineReader::~LineReader() { loop_.unwatch(file_); }

void LineReader::onReadable() {
  std::array<char, 65'536> chunk;
  const ssize_t length = read(file_, chunk.data(), chunk.size());
  if (length > 0) {
    const std::size_t from = input_.size();
    input_.append(chunk.data(), static_cast<std::size_t>(length));
    split(from);
  } else if (length == 0 || (errno != EAGAIN && errno != EINTR)) {
    isOver_ = true;
  }
}

void LineReader::split(std::size_t from) {
  std::size_t begin = 0;
  for (std::size_t end = input_.find('\n', from); end != std::string::npos; end = input_.find('\n', begin)) {
    lines_.push_back(input_.substr(begin, end - begin));
    begin = end + 1;
  }
  input_.erase(0, begin);
  if (input_.size() > maxLineBytes) isOver_ = true;
}

std::optional<std::string> LineReader::next() {
  if (lines_.empty()) return std::nullopt;
  std::string line = std::move(lines_.front());
  lines_.pop_front();
  return line;
}

} // namespace aparte
