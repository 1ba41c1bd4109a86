// SPDX-License-Identifier: MIT
#include "taskrun/job/params.hpp"

#include <charconv>

#include "taskrun/core/error.hpp"
#include "taskrun/job/number.hpp"

namespace taskrun {
namespace {

// The shortest text that reads back as the same double.
std::string shortest(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return {buffer, end};
}

std::string described(std::uint64_t n) {
  return n == std::numeric_limits<std::uint64_t>::max() ? "2^64-1" : std::to_string(n);
}

Error bad_value(const std::string& name, std::string_view value, const std::string& wanted) {
  return usage_error("--" + name + " " + std::string(value) + ": expected " + wanted);
}

}  // namespace

void Params::count(std::string name, std::uint64_t& member, std::string help, std::uint64_t min,
                   std::uint64_t max) {
  const std::string range = described(min) + " to " + described(max);
  // The forms a number can have, where the range has room for them.
  const std::string forms = max >= 1'000'000 ? ", such as 1000 or 1e6" : "";
  params_.push_back({name, std::move(help), "N", std::to_string(member), range,
                     [name, range, forms, min, max, &member](std::string_view text) {
                       const auto value = parse_count(text);
                       if (!value || *value < min || *value > max) {
                         throw bad_value(name, text, "a whole number from " + range + forms);
                       }
                       member = *value;
                     },
                     [&member] { return std::to_string(member); }});
}

void Params::real(std::string name, double& member, std::string help, double min, double max) {
  const bool bounded =
      min != std::numeric_limits<double>::lowest() || max != std::numeric_limits<double>::max();
  const std::string range = bounded ? shortest(min) + " to " + shortest(max) : "";
  params_.push_back({name, std::move(help), "X", shortest(member), range,
                     [name, range, min, max, &member](std::string_view text) {
                       const auto value = parse_real(text);
                       if (!value || *value < min || *value > max) {
                         throw bad_value(name, text,
                                         "a number" + (range.empty() ? "" : " from " + range));
                       }
                       member = *value;
                     },
                     [&member] { return shortest(member); }});
}

void Params::text(std::string name, std::string& member, std::string help) {
  params_.push_back({std::move(name), std::move(help), "TEXT", member, "",
                     [&member](std::string_view text) { member = text; },
                     [&member] { return member; }});
}

void Params::flag(std::string name, bool& member, std::string help) {
  params_.push_back({std::move(name), std::move(help), "", member ? "yes" : "no", "",
                     [&member](std::string_view) { member = true; },
                     [&member] { return std::string(member ? "yes" : "no"); }});
}

void Params::example(std::string arguments, std::string what) {
  examples_.push_back({std::move(arguments), std::move(what)});
}

std::string Params::canonical() const {
  std::string all;
  for (const auto& param : params_) {
    const std::string value = param.value();
    // The length keeps texts that contain spaces and equal signs apart.
    all += param.name + "=" + std::to_string(value.size()) + ":" + value + " ";
  }
  return all;
}

}  // namespace taskrun
