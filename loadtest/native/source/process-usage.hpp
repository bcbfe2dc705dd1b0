#pragma once

#include <cstdint>
#include <optional>

namespace aparte {

/** What this process has used of the machine since it began. */
struct ProcessUsage {
  std::int64_t cpuUs;
  /** Ready to run, and waiting for a core; nothing where the system doesn't tell. */
  std::optional<std::int64_t> runQueueWaitUs;
  /** Now, not since the beginning. */
  std::int64_t memoryBytes;

  static ProcessUsage now();
};

} // namespace aparte
