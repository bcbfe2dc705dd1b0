#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace aparte {

/** A protection profile of RFC 5764 section 4.1.2 or RFC 7714 section 14.2. */
struct SrtpProfile {
  /** As IANA and mediasoup name it. */
  std::string_view name;
  /** As OpenSSL names it. */
  std::string_view openSslName;
  std::size_t keyBytes;
  std::size_t saltBytes;

  [[nodiscard]] bool isGcm() const { return saltBytes == 12; }
};

/** All that there are, the best first. */
std::vector<SrtpProfile> allSrtpProfiles();

/** Nothing for a name that isn't known. */
std::optional<SrtpProfile> findSrtpProfile(std::string_view name);
std::optional<SrtpProfile> findSrtpProfileByOpenSslName(std::string_view name);

} // namespace aparte
