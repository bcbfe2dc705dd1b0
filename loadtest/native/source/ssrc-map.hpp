#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace aparte {

/** What belongs to which SSRC: some dozens at most, looked up for every packet, so side by side. */
template <typename Value> class SsrcMap {
public:
  /** Null without. Holds until the next `set` or `eraseIf`. */
  [[nodiscard]] Value *find(std::uint32_t ssrc) {
    const auto place = std::ranges::lower_bound(entries_, ssrc, {}, &Entry::first);
    return place != entries_.end() && place->first == ssrc ? &place->second : nullptr;
  }

  Value &set(std::uint32_t ssrc, Value value) {
    const auto place = std::ranges::lower_bound(entries_, ssrc, {}, &Entry::first);
    if (place != entries_.end() && place->first == ssrc) return place->second = std::move(value);
    return entries_.insert(place, Entry(ssrc, std::move(value)))->second;
  }

  void eraseIf(const auto &condition) {
    std::erase_if(entries_, [&](const Entry &entry) { return condition(entry.second); });
  }

private:
  using Entry = std::pair<std::uint32_t, Value>;
  std::vector<Entry> entries_;
};

} // namespace aparte
