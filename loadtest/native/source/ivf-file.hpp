#pragma once

#include "bytes.hpp"

#include <memory>
#include <string>

namespace aparte {

/** Pre-encoded frames of one layer, read whole: `MediaName` of loadtest/engine/media-engine.ts. */
class IvfFile {
public:
  /** Throws `EngineError` with `bad-input` for a file that can't be read or isn't IVF. */
  static std::shared_ptr<const IvfFile> read(const std::string &path);
  static std::shared_ptr<const IvfFile> parse(Buffer bytes, const std::string &name);

  [[nodiscard]] bool isOpus() const { return isOpus_; }
  [[nodiscard]] std::size_t frameCount() const { return frames_.size(); }
  [[nodiscard]] Bytes frame(std::size_t index) const;
  [[nodiscard]] double framesPerSecond() const { return framesPerSecond_; }
  /** The first one from there on, round the end; `index` itself if it is one. Every frame of Opus is. */
  [[nodiscard]] std::size_t nextKeyFrame(std::size_t index) const;

private:
  struct Place {
    std::size_t offset;
    std::size_t length;
  };

  Buffer bytes_;
  std::vector<Place> frames_;
  bool isOpus_ = false;
  double framesPerSecond_ = 0;
};

} // namespace aparte
