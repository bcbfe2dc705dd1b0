#include "fields.hpp"

namespace aparte {

Fields::Fields(const Json &value, std::string name) : value_(value), name_(std::move(name)) {
  if (!value_.is_object()) throw EngineError("bad-input", name_ + ": expected an object");
}

void Fields::refuse(const std::string &field, const std::string &expected) const {
  throw EngineError("bad-input", nameOf(field) + ": expected " + expected);
}

const Json &Fields::take(const std::string &field) {
  read_.insert(field);
  const auto found = value_.find(field);
  if (found == value_.end()) throw EngineError("bad-input", nameOf(field) + " is missing");
  return *found;
}

std::string Fields::text(const std::string &field) {
  const Json &value = take(field);
  if (!value.is_string()) refuse(field, "a string");
  return value.get<std::string>();
}

bool Fields::flag(const std::string &field) {
  const Json &value = take(field);
  if (!value.is_boolean()) refuse(field, "true or false");
  return value.get<bool>();
}

double Fields::number(const std::string &field, double lowest, double highest) {
  const Json &value = take(field);
  const double number = value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
  if (!(number >= lowest && number <= highest)) {
    refuse(field, "a number from " + std::to_string(lowest) + " to " + std::to_string(highest));
  }
  return number;
}

std::uint64_t Fields::wholeUpTo(const std::string &field, std::uint64_t highest) {
  const Json &value = take(field);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > highest) {
    refuse(field, "a whole number up to " + std::to_string(highest));
  }
  return value.get<std::uint64_t>();
}

const Json &Fields::array(const std::string &field) {
  const Json &value = take(field);
  if (!value.is_array()) refuse(field, "an array");
  return value;
}

Fields Fields::object(const std::string &field) { return {take(field), nameOf(field)}; }

void Fields::finish() const {
  for (const auto &[field, value] : value_.items()) {
    if (!read_.contains(field)) throw EngineError("bad-input", nameOf(field) + " isn't known");
  }
}

} // namespace aparte
