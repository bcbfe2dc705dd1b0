#include "check.hpp"

#include "clock.hpp"
#include "rtcp-reader.hpp"
#include "rtcp-writer.hpp"
#include "transport-feedback.hpp"

namespace aparte::test {

namespace {

void readsWhatItWrites() {
  Buffer compound;
  writeSenderReport({11, 1'700'000'000'500'000'000, 90, 3, 4}, compound);
  writeSourceDescription(11, "name", compound);
  const std::vector<std::uint16_t> lost{65'534, 65'535, 0, 14, 15, 400};
  writeNack(1, 22, lost, compound);
  writePli(1, 33, compound);
  const RtcpContent content = readRtcp(compound);
  checkEqual(content.senderReports.size(), 1, "reports");
  checkEqual(content.senderReports[0].ssrc, 11, "of");
  checkEqual(content.senderReports[0].ntpMiddle, ((1'700'000'000ULL + 2'208'988'800ULL) << 16 | 0x8000) & 0xffff'ffff,
             "NTP time");
  checkEqual(content.nacks.size(), 1, "NACKs");
  checkEqual(content.nacks[0].sequences, lost, "numbers");
  checkEqual(content.keyFramesOf, std::vector<std::uint32_t>{33}, "PLI");
}

void readsFir() {
  const RtcpContent content = readRtcp(fromHex("84ce00060000000100000000000000070100000000000008020000000000000003"));
  checkEqual(content.keyFramesOf, std::vector<std::uint32_t>({7, 8}), "FIR");
}

/** What draft-holmer-rmcat-transport-wide-cc-extensions-01 says, read back. */
struct Feedback {
  std::vector<std::pair<std::uint16_t, std::int64_t>> arrivalsUs;
};

Feedback readFeedback(Bytes packet) {
  ByteReader reader(packet);
  reader.take(12);
  std::uint16_t sequence = reader.u16();
  const std::uint16_t count = reader.u16();
  std::int64_t timeUs = static_cast<std::int64_t>(reader.u24()) * 64'000;
  reader.u8();
  std::vector<unsigned> symbols;
  while (symbols.size() < count) {
    const std::uint16_t chunk = reader.u16();
    if ((chunk & 0x8000) == 0) {
      for (unsigned index = 0; index < (chunk & 0x1fffU); ++index) symbols.push_back(chunk >> 13 & 3U);
    } else {
      check((chunk & 0x4000) != 0, "two bits a symbol");
      for (unsigned shift = 14; shift > 0; shift -= 2) symbols.push_back(chunk >> (shift - 2) & 3U);
    }
  }
  Feedback feedback;
  for (std::size_t index = 0; index < count; ++index, ++sequence) {
    if (symbols[index] == 0) continue;
    const std::int64_t delta = symbols[index] == 1 ? reader.u8() : static_cast<std::int16_t>(reader.u16());
    timeUs += delta * 250;
    feedback.arrivalsUs.emplace_back(sequence, timeUs);
  }
  check(reader.ok(), "whole");
  return feedback;
}

void tellsArrivals() {
  TransportFeedback feedback;
  std::vector<std::pair<std::uint16_t, std::int64_t>> expected;
  const std::int64_t beginUs = 64'000 * 1000;
  for (int index = 0; index < 600; ++index) {
    if (index % 5 == 3 || (index > 100 && index < 180)) continue;
    const auto sequence = static_cast<std::uint16_t>(65'400 + index);
    // Pauses, and every tenth packet before the one ahead of it.
    const std::int64_t atUs = beginUs + index * 1'250 + (index > 400 ? 900'000 : 0) - (index % 10 == 0 ? 2'500 : 0);
    feedback.record(sequence, atUs * nsPerUs);
    expected.emplace_back(sequence, atUs);
  }
  std::vector<std::pair<std::uint16_t, std::int64_t>> told;
  while (!feedback.isEmpty()) {
    Buffer packet;
    feedback.write(1, 2, packet);
    check(packet.size() <= 1200, "fits");
    checkEqual(get16(&packet[2]) * 4U + 4U, packet.size(), "length");
    const Feedback part = readFeedback(packet);
    told.insert(told.end(), part.arrivalsUs.begin(), part.arrivalsUs.end());
  }
  check(told == expected, "all arrivals, in ticks of 250 µs");
}

} // namespace

Tests rtcpTests() {
  return {{"RTCP: reads what it writes", readsWhatItWrites},
          {"RTCP: reads FIR", readsFir},
          {"RTCP: tells when packets arrived", tellsArrivals}};
}

} // namespace aparte::test
