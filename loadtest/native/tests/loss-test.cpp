#include "check.hpp"

#include "clock.hpp"
#include "loss-tracker.hpp"

namespace aparte::test {

namespace {

void countsWhatIsMissing() {
  LossTracker losses;
  std::int64_t expected = 0;
  std::int64_t missing = 0;
  std::int64_t repaired = 0;
  // Every tenth is lost over a wrap, and every other one of those comes again.
  for (int index = 0; index < 1'000; ++index) {
    if (index % 10 == 5) continue;
    const auto arrival = losses.note(static_cast<std::uint16_t>(65'000 + index), index * nsPerMs);
    expected += arrival.newlyExpected;
    missing += arrival.newlyMissing;
    for (const std::uint16_t sequence : losses.takeDueNacks(index * nsPerMs)) {
      if (sequence % 20 != 5) continue;
      const auto repair = losses.note(sequence, index * nsPerMs);
      if (repair.isRepair) ++repaired;
      checkEqual(static_cast<std::uint64_t>(repair.newlyExpected), 0, "it was expected before");
      check(losses.note(sequence, index * nsPerMs).isDuplicate, "twice");
    }
  }
  checkEqual(static_cast<std::uint64_t>(expected), 1'000, "expected");
  checkEqual(static_cast<std::uint64_t>(missing), 100, "missing");
  check(repaired > 0, "repaired");
  checkEqual(static_cast<std::uint64_t>(losses.takeLost(10 * nsPerSecond)), 100 - static_cast<std::uint64_t>(repaired),
             "lost");
  check(!losses.hasMissing(), "no more");
}

void asksAgain() {
  LossTracker losses;
  losses.note(1, nsPerSecond);
  losses.note(4, nsPerSecond);
  checkEqual(losses.takeDueNacks(nsPerSecond), std::vector<std::uint16_t>({2, 3}), "at once");
  checkEqual(losses.takeDueNacks(1'050 * nsPerMs).size(), 0, "not too often");
  checkEqual(losses.takeDueNacks(1'150 * nsPerMs).size(), 2, "again");
  check(!losses.note(2, 1'150 * nsPerMs).isDuplicate, "late is better than never");
  checkEqual(losses.takeDueNacks(1'300 * nsPerMs), std::vector<std::uint16_t>{3}, "only what is missing");
}

void survivesJumps() {
  LossTracker losses;
  const std::vector<std::uint16_t> sequences{1, 30'000, 2, 60'000, 65'535, 0, 32'768, 5};
  for (const std::uint16_t sequence : sequences) losses.note(sequence, 0);
  check(losses.takeDueNacks(0).size() < 2'000, "bounded");
}

} // namespace

Tests lossTests() {
  return {{"loss: counts what is missing, repaired and lost", countsWhatIsMissing},
          {"loss: asks again until it comes", asksAgain},
          {"loss: survives jumps of the number", survivesJumps}};
}

} // namespace aparte::test
