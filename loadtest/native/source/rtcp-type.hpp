#pragma once

#include <cstdint>

namespace aparte::rtcpType {

constexpr std::uint8_t senderReport = 200;
constexpr std::uint8_t receiverReport = 201;
constexpr std::uint8_t sourceDescription = 202;
/** RFC 4585 section 6.2: NACK and transport-wide feedback. */
constexpr std::uint8_t transportFeedback = 205;
/** RFC 4585 section 6.3: PLI and FIR. */
constexpr std::uint8_t payloadFeedback = 206;

constexpr std::uint8_t nackFormat = 1;
constexpr std::uint8_t transportCcFormat = 15;
constexpr std::uint8_t pliFormat = 1;
constexpr std::uint8_t firFormat = 4;

} // namespace aparte::rtcpType
