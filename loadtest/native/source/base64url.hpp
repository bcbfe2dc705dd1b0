#pragma once

#include "bytes.hpp"

#include <optional>

namespace aparte {

/** RFC 4648 section 5 without padding; nothing for anything else. */
std::optional<Buffer> fromBase64Url(std::string_view text);

} // namespace aparte
