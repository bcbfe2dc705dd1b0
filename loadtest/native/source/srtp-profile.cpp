#include "srtp-profile.hpp"

#include <algorithm>
#include <array>

namespace aparte {

namespace {

constexpr std::array<SrtpProfile, 4> profiles{{
    {"AEAD_AES_256_GCM", "SRTP_AEAD_AES_256_GCM", 32, 12},
    {"AEAD_AES_128_GCM", "SRTP_AEAD_AES_128_GCM", 16, 12},
    {"AES_CM_128_HMAC_SHA1_80", "SRTP_AES128_CM_SHA1_80", 16, 14},
    {"AES_CM_128_HMAC_SHA1_32", "SRTP_AES128_CM_SHA1_32", 16, 14},
}};

std::optional<SrtpProfile> find(std::string_view SrtpProfile::*field, std::string_view name) {
  const auto found = std::ranges::find(profiles, name, field);
  if (found == profiles.end()) return std::nullopt;
  return *found;
}

} // namespace

std::vector<SrtpProfile> allSrtpProfiles() { return {profiles.begin(), profiles.end()}; }

std::optional<SrtpProfile> findSrtpProfile(std::string_view name) {
  return find(&SrtpProfile::name, name);
}

std::optional<SrtpProfile> findSrtpProfileByOpenSslName(std::string_view name) {
  return find(&SrtpProfile::openSslName, name);
}

} // namespace aparte
