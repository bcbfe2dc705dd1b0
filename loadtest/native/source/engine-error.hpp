#pragma once

#include <stdexcept>
#include <string>

namespace aparte {

/** What a command is answered with when it can't be done. Codes stand in README.md. */
class EngineError : public std::runtime_error {
public:
  EngineError(std::string code, const std::string &message)
      : std::runtime_error(message), code_(std::move(code)) {}

  [[nodiscard]] const std::string &code() const { return code_; }

private:
  std::string code_;
};

} // namespace aparte
