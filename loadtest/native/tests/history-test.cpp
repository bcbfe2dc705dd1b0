#include "check.hpp"

#include "digest.hpp"
#include "packet-history.hpp"

#include <algorithm>

namespace aparte::test {

namespace {

void keepsTheLatest() {
  PacketHistory history(10'000);
  std::vector<Buffer> all;
  for (std::size_t index = 0; index < 5'000; ++index) {
    const auto sequence = static_cast<std::uint16_t>(64'000 + index);
    Buffer packet(1 + randomNumber() % 1'300);
    fillRandom(packet);
    std::ranges::copy(packet, history.add(sequence, packet.size()).begin());
    all.push_back(std::move(packet));
    std::size_t kept = 0;
    for (std::size_t back = 0; back < std::min<std::size_t>(index + 1, 40); ++back) {
      const Bytes found = history.find(static_cast<std::uint16_t>(sequence - back));
      if (found.empty()) continue;
      checkEqual(bufferOf(found), all[index - back], "the same packet");
      ++kept;
    }
    check(kept >= std::min<std::size_t>(index + 1, 5), "the latest are there");
    check(history.find(static_cast<std::uint16_t>(sequence + 1)).empty(), "not the next one");
  }
}

} // namespace

Tests historyTests() { return {{"history: keeps the latest packets as they were", keepsTheLatest}}; }

} // namespace aparte::test
