#pragma once

#include "dtls-context.hpp"
#include "engine-counters.hpp"
#include "event-loop.hpp"
#include "ivf-file.hpp"

#include <map>

namespace aparte {

struct EngineSettings {
  std::string mediaFolder;
  std::vector<SrtpProfile> profiles;
  bool seals = true;
  bool stamps = true;
  bool polls = false;
};

/** What one engine's transports and streams share. Outlives them. */
struct EngineContext {
  EventLoop &loop;
  EngineSettings settings;
  DtlsContext dtls;
  EngineCounters counters;
  /** What this machine's clock is behind the reference clock. */
  std::int64_t clockOffsetUs = 0;
  std::size_t connectedTransports = 0;
  std::map<std::string, std::shared_ptr<const IvfFile>> media;

  /** Each file is read once. Throws `EngineError` with `bad-input`. */
  std::shared_ptr<const IvfFile> mediaFile(const std::string &name) {
    auto &file = media[name];
    if (file == nullptr) file = IvfFile::read(settings.mediaFolder + "/" + name + ".ivf");
    return file;
  }

  [[nodiscard]] std::int64_t referenceUs(std::int64_t realtimeNs) const {
    return realtimeNs / nsPerUs + clockOffsetUs;
  }
};

} // namespace aparte
