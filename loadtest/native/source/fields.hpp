#pragma once

#include "engine-error.hpp"

#include <nlohmann/json.hpp>

#include <limits>
#include <set>

namespace aparte {

using Json = nlohmann::json;

/**
 * Reads a command's input field by field: each must have its type, and none may be left over when
 * `finish` is called. Throws `EngineError` with `bad-input` that names the field.
 */
class Fields {
public:
  Fields(const Json &value, std::string name);

  [[nodiscard]] bool has(const std::string &field) const { return value_.contains(field); }
  std::string text(const std::string &field);
  bool flag(const std::string &field);
  double number(const std::string &field, double lowest, double highest);
  template <typename Number>
  Number whole(const std::string &field, std::uint64_t highest = std::numeric_limits<Number>::max()) {
    return static_cast<Number>(wholeUpTo(field, highest));
  }
  const Json &array(const std::string &field);
  Fields object(const std::string &field);
  /** Known, and of no use here. */
  void ignore(const std::string &field) { read_.insert(field); }
  void finish() const;

  /** How messages call it. */
  [[nodiscard]] std::string nameOf(const std::string &field) const { return name_ + "." + field; }

private:
  std::uint64_t wholeUpTo(const std::string &field, std::uint64_t highest);
  const Json &take(const std::string &field);
  [[noreturn]] void refuse(const std::string &field, const std::string &expected) const;

  const Json &value_;
  std::string name_;
  std::set<std::string> read_;
};

} // namespace aparte
