#pragma once

#include <bitset>
#include <cstdint>

namespace aparte {

/** Which of the last 1,024 counters were seen. */
class ReplayWindow {
public:
  static constexpr std::uint64_t size = 1024;

  [[nodiscard]] bool isFresh(std::uint64_t counter) const {
    if (!hasAny_ || counter > highest_) return true;
    return highest_ - counter < size && !seen_[counter % size];
  }

  void accept(std::uint64_t counter) {
    if (hasAny_ && counter > highest_) {
      if (counter - highest_ >= size) seen_.reset();
      else for (std::uint64_t each = highest_ + 1; each < counter; ++each) seen_.reset(each % size);
    }
    seen_.set(counter % size);
    if (!hasAny_ || counter > highest_) highest_ = counter;
    hasAny_ = true;
  }

private:
  std::bitset<size> seen_;
  std::uint64_t highest_ = 0;
  bool hasAny_ = false;
};

} // namespace aparte
