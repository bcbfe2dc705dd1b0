#include "ivf-file.hpp"

#include "engine-error.hpp"
#include "media-kind.hpp"

#include <fstream>
#include <iterator>

namespace aparte {

namespace {

constexpr std::size_t frameHeaderBytes = 12;
constexpr std::size_t maxFrameBytes = 4U << 20;
constexpr double fastest = 1000;

std::uint32_t littleEndian(const std::uint8_t *at, std::size_t bytes) {
  std::uint32_t value = 0;
  for (std::size_t index = bytes; index > 0; --index) value = (value << 8) | at[index - 1];
  return value;
}

} // namespace

std::shared_ptr<const IvfFile> IvfFile::read(const std::string &path) {
  std::ifstream input(path, std::ios::binary);
  if (!input) throw EngineError("bad-input", path + " can't be read");
  return parse(Buffer(std::istreambuf_iterator<char>(input), {}), path);
}

std::shared_ptr<const IvfFile> IvfFile::parse(Buffer bytes, const std::string &name) {
  const auto refuse = [&](const std::string &why) { throw EngineError("bad-input", name + ": " + why); };
  auto file = std::make_shared<IvfFile>();
  file->bytes_ = std::move(bytes);
  const Buffer &all = file->bytes_;
  if (all.size() < 32 || textOf(Bytes(all).first(4)) != "DKIF") refuse("no IVF file");
  const std::string codec = textOf(Bytes(all).subspan(8, 4));
  file->isOpus_ = codec == "OPUS";
  if (!file->isOpus_ && codec != "VP80") refuse("neither Opus nor VP8");
  const double scale = littleEndian(&all[20], 4);
  file->framesPerSecond_ = scale > 0 ? littleEndian(&all[16], 4) / scale : 0;
  if (!(file->framesPerSecond_ > 0 && file->framesPerSecond_ <= fastest)) refuse("a strange frame rate");
  const std::size_t headerBytes = littleEndian(&all[6], 2);
  if (headerBytes < 32) refuse("a strange header");
  for (std::size_t at = headerBytes; at < all.size();) {
    const std::size_t length = all.size() - at < frameHeaderBytes ? 0 : littleEndian(&all[at], 4);
    at += frameHeaderBytes;
    if (length == 0 || length > maxFrameBytes || length > all.size() - at) refuse("a frame is cut off");
    file->frames_.push_back({at, length});
    at += length;
  }
  if (file->frames_.empty()) refuse("no frames");
  if (!file->isOpus_ && !isVp8KeyFrame(file->frame(0))) refuse("it doesn't begin with a key frame");
  return file;
}

Bytes IvfFile::frame(std::size_t index) const {
  const Place &place = frames_[index];
  return Bytes(bytes_).subspan(place.offset, place.length);
}

std::size_t IvfFile::nextKeyFrame(std::size_t index) const {
  if (isOpus_) return index % frameCount();
  for (std::size_t at = index; at < frameCount(); ++at) {
    if (isVp8KeyFrame(frame(at))) return at;
  }
  return 0;
}

} // namespace aparte
