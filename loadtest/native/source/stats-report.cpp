#include "stats-report.hpp"

#include "clock.hpp"

namespace aparte {

namespace {

Json histogram(const LogHistogram &values) {
  Json buckets = Json::array();
  for (std::size_t bucket = 0; bucket < values.buckets().size(); ++bucket) {
    if (values.buckets()[bucket] > 0) buckets.push_back({bucket, values.buckets()[bucket]});
  }
  return {{"count", values.count()},
          {"sum", values.sum()},
          {"min", values.min()},
          {"max", values.max()},
          {"buckets", std::move(buckets)}};
}

Json frames(const FrameCounters &counters) {
  const auto refused = [&](OpenResult result) { return counters.results[static_cast<std::size_t>(result)]; };
  return {{"sent", counters.sent},
          {"received", counters.received},
          {"opened", counters.opened},
          {"skipped", counters.skipped},
          {"refused",
           {{"no-key", refused(OpenResult::noKey)},
            {"wrong-sender", refused(OpenResult::wrongSender)},
            {"wrong-stream", refused(OpenResult::wrongStream)},
            {"tampered", refused(OpenResult::tampered)},
            {"replayed", refused(OpenResult::replayed)},
            {"malformed", refused(OpenResult::malformed)}}},
          {"disordered", counters.disordered},
          {"latencyUs", histogram(counters.latencyUs)},
          {"gapUs", histogram(counters.gapUs)}};
}

} // namespace

Json statsReport(const EngineCounters &counters, const ProcessUsage &before, const ProcessUsage &now,
                 std::int64_t intervalNs, std::size_t connectedTransports) {
  Json waited = nullptr;
  if (now.runQueueWaitUs && before.runQueueWaitUs) waited = *now.runQueueWaitUs - *before.runQueueWaitUs;
  return {{"intervalMs", static_cast<double>(intervalNs) / nsPerMs},
          {"packetsSent", counters.packetsSent},
          {"bytesSent", counters.bytesSent},
          {"packetsReceived", counters.packetsReceived},
          {"bytesReceived", counters.bytesReceived},
          {"packetsExpected", counters.packetsExpected},
          {"packetsLost", counters.packetsLost},
          {"packetsRepaired", counters.packetsRepaired},
          {"nacksSent", counters.nacksSent},
          {"nacksReceived", counters.nacksReceived},
          {"packetsRetransmitted", counters.packetsRetransmitted},
          {"keyFrameRequestsSent", counters.keyFrameRequestsSent},
          {"keyFrameRequestsReceived", counters.keyFrameRequestsReceived},
          {"audio", frames(counters.audio)},
          {"video", frames(counters.video)},
          {"sendDelayUs", histogram(counters.sendDelayUs)},
          {"receiveDelayUs", histogram(counters.receiveDelayUs)},
          {"cpuUs", now.cpuUs - before.cpuUs},
          {"runQueueWaitUs", std::move(waited)},
          {"memoryBytes", now.memoryBytes},
          {"transports", connectedTransports}};
}

} // namespace aparte
