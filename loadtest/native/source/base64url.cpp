#include "base64url.hpp"

namespace aparte {

std::optional<Buffer> fromBase64Url(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  if (text.size() % 4 == 1) return std::nullopt;
  Buffer bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t collected = 0;
  unsigned bits = 0;
  for (const char character : text) {
    const auto value = alphabet.find(character);
    if (value == std::string_view::npos) return std::nullopt;
    collected = (collected << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::uint8_t>((collected >> bits) & 0xff));
  }
  // What is left over must be nothing, so that one value has one text.
  if ((collected & ((1U << bits) - 1)) != 0) return std::nullopt;
  return bytes;
}

} // namespace aparte
