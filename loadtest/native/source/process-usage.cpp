#include "process-usage.hpp"

#include "clock.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace aparte {

namespace {

std::int64_t microseconds(const timeval &time) { return time.tv_sec * 1'000'000LL + time.tv_usec; }

} // namespace

ProcessUsage ProcessUsage::now() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  ProcessUsage result{microseconds(usage.ru_utime) + microseconds(usage.ru_stime), std::nullopt, 0};
  // "Time on a core, time in the run queue, slices" (Documentation/scheduler/sched-stats.rst), of the
  // only thread that there is.
  std::int64_t onCoreNs = 0;
  std::int64_t waitingNs = 0;
  if (std::ifstream("/proc/self/schedstat") >> onCoreNs >> waitingNs) {
    result.runQueueWaitUs = waitingNs / nsPerUs;
  }
  std::int64_t allPages = 0;
  std::int64_t residentPages = 0;
  if (std::ifstream("/proc/self/statm") >> allPages >> residentPages) {
    result.memoryBytes = residentPages * sysconf(_SC_PAGESIZE);
  }
  return result;
}

} // namespace aparte
