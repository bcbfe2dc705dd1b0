#pragma once

#include "bytes.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace aparte::test {

/** A test has failed. */
class Failure : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

inline void check(bool holds, const std::string &what) {
  if (!holds) throw Failure(what);
}

template <typename Value> void checkEqual(const Value &actual, const Value &expected, const std::string &what) {
  if (!(actual == expected)) throw Failure(what + ": not as expected");
}

inline void checkEqual(std::uint64_t actual, std::uint64_t expected, const std::string &what) {
  if (actual != expected) {
    throw Failure(what + ": " + std::to_string(actual) + " instead of " + std::to_string(expected));
  }
}

inline Buffer bufferOf(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

/** Lower-case or upper-case hexadecimal, as test vectors are written. */
inline Buffer fromHex(const std::string &text) {
  Buffer bytes;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(at, 2), nullptr, 16)));
  }
  return bytes;
}

/** A test and its name, `subject: what holds`. */
struct Test {
  std::string name;
  std::function<void()> run;
};

using Tests = std::vector<Test>;
using Json = nlohmann::json;

// One function a file of tests. `vectors` is a file of test/vectors.
Tests stunTests(const Json &vectors);
Tests sframeTests(const Json &vectors);
Tests audioPayloadTests();
Tests vp8Tests();
Tests rtcpTests();
Tests histogramTests();
Tests srtpTests();
Tests gcmTests();
Tests heldTests();
Tests lossTests();
Tests historyTests();
Tests hostileTests();

} // namespace aparte::test
