#pragma once

#include "engine-counters.hpp"
#include "fields.hpp"
#include "process-usage.hpp"

namespace aparte {

/** `EngineStats` of loadtest/engine/media-engine.ts. */
Json statsReport(const EngineCounters &counters, const ProcessUsage &before, const ProcessUsage &now,
                 std::int64_t intervalNs, std::size_t connectedTransports);

} // namespace aparte
