#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aparte {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

inline Bytes bytesOf(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

inline std::string textOf(Bytes bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

inline void append(Buffer &target, Bytes bytes) {
  target.insert(target.end(), bytes.begin(), bytes.end());
}

/** Writes the lowest `bytes` bytes of `value`, the highest first, as all of the net's formats do. */
inline void putBigEndian(std::uint8_t *at, std::uint64_t value, std::size_t bytes) {
  for (std::size_t index = bytes; index > 0; --index) {
    at[index - 1] = static_cast<std::uint8_t>(value & 0xff);
    value >>= 8;
  }
}

inline std::uint64_t getBigEndian(const std::uint8_t *at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t index = 0; index < bytes; ++index) value = (value << 8) | at[index];
  return value;
}

inline void put16(std::uint8_t *at, std::uint32_t value) { putBigEndian(at, value, 2); }
inline void put32(std::uint8_t *at, std::uint64_t value) { putBigEndian(at, value, 4); }
inline std::uint16_t get16(const std::uint8_t *at) {
  return static_cast<std::uint16_t>(getBigEndian(at, 2));
}
inline std::uint32_t get32(const std::uint8_t *at) {
  return static_cast<std::uint32_t>(getBigEndian(at, 4));
}

/**
 * Reads bytes that came from outside. Reading past the end gives zeros and makes `ok()` false from
 * then on, so that a parser reads first and judges once.
 */
class ByteReader {
public:
  explicit ByteReader(Bytes bytes) : rest_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t remaining() const { return rest_.size(); }
  [[nodiscard]] Bytes rest() const { return rest_; }

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(number(3)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }

  Bytes take(std::size_t count) {
    if (count > rest_.size()) {
      fail();
      return {};
    }
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

private:
  std::uint64_t number(std::size_t count) {
    const Bytes taken = take(count);
    return taken.size() == count ? getBigEndian(taken.data(), count) : 0;
  }

  void fail() {
    ok_ = false;
    rest_ = {};
  }

  Bytes rest_;
  bool ok_ = true;
};

/** Appends numbers, the highest byte first. */
class ByteWriter {
public:
  explicit ByteWriter(Buffer &target) : target_(target) {}

  void u8(std::uint64_t value) { number(value, 1); }
  void u16(std::uint64_t value) { number(value, 2); }
  void u24(std::uint64_t value) { number(value, 3); }
  void u32(std::uint64_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }
  void bytes(Bytes bytes) { append(target_, bytes); }

private:
  void number(std::uint64_t value, std::size_t bytes) {
    const std::size_t at = target_.size();
    target_.resize(at + bytes);
    putBigEndian(target_.data() + at, value, bytes);
  }

  Buffer &target_;
};

} // namespace aparte
