// SPDX-License-Identifier: MIT
#include "taskrun/job/params.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "taskrun/core/error.hpp"
#include "taskrun/core/shell_words.hpp"
#include "taskrun/job/number.hpp"

namespace taskrun {
namespace {

std::string described(std::uint64_t n) {
  return n == std::numeric_limits<std::uint64_t>::max() ? "2^64-1" : std::to_string(n);
}

// In the largest unit that leaves no fraction: 64MiB, 10MB, 1000B.
std::string described_bytes(std::uint64_t bytes) {
  struct Unit {
    const char* name;
    std::uint64_t size;
  };
  for (const auto& [name, size] : {Unit{"GiB", 1ULL << 30},
                                   {"MiB", 1ULL << 20},
                                   {"KiB", 1ULL << 10},
                                   {"GB", 1'000'000'000},
                                   {"MB", 1'000'000},
                                   {"kB", 1000}}) {
    if (bytes > 0 && bytes % size == 0) return std::to_string(bytes / size) + name;
  }
  return std::to_string(bytes) + "B";
}

// In the largest unit that leaves no fraction: 100ms.
std::string described(Duration duration) {
  struct Unit {
    const char* name;
    Duration size;
  };
  using namespace std::chrono_literals;
  for (const auto& [name, size] :
       {Unit{"d", 24h}, {"h", 1h}, {"min", 1min}, {"s", 1s}, {"ms", 1ms}, {"us", 1us}}) {
    if (size == 24h && duration < 48h) continue;  // 24h is said more often than 1d
    if (duration.count() != 0 && duration % size == 0ns)
      return std::to_string(duration / size) + name;
  }
  return duration.count() == 0 ? "0s" : std::to_string(duration.count()) + "ns";
}

// Those of some examples that are in the range: ", such as 100ms or 90s".
std::string examples_of_times(Duration min, Duration max) {
  std::string examples;
  for (const char* const text : {"100ms", "90s", "1h30m"}) {
    const auto time = parse_duration(text);
    if (time && min <= *time && *time <= max) {
      examples += (examples.empty() ? ", such as " : " or ") + std::string(text);
    }
  }
  return examples;
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : between) + word;
  return all;
}

// Tells any two lists apart (but for bytes that are not UTF-8), and is easy to read.
std::string listed(const std::vector<std::string>& values) {
  return nlohmann::json(values).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string listed(const std::vector<std::uint64_t>& values) {
  std::vector<std::string> texts;
  for (const auto value : values) texts.push_back(std::to_string(value));
  return joined(texts, ",");
}

Error bad_value(const std::string& name, std::string_view value, const std::string& wanted) {
  return usage_error("--" + name + " " + printable_shell_word(value) + ": expected " + wanted);
}

// Sets the member to what `read` makes of the text, where that is from min to max.
template <class T, class Read>
auto bounded(const std::string& name, const std::string& wanted, T min, T max, T& member,
             Read read) {
  return [=, &member](std::string_view text) {
    const std::optional<T> value = read(text);
    if (!value || *value < min || *value > max) throw bad_value(name, text, wanted);
    member = *value;
  };
}

}  // namespace

void Params::count(std::string name, std::uint64_t& member, std::string help, std::uint64_t min,
                   std::uint64_t max) {
  const std::string range = described(min) + " to " + described(max);
  // The forms a number can have, where the range has room for them.
  const std::string forms = max >= 1'000'000 ? ", such as 1000 or 1e6" : "";
  params_.push_back(
      {name, std::move(help), "N", std::to_string(member), range,
       bounded(name, "a whole number from " + range + forms, min, max, member, parse_count),
       [&member] { return std::to_string(member); }});
}

void Params::real(std::string name, double& member, std::string help, double min, double max) {
  const bool has_range =
      min != std::numeric_limits<double>::lowest() || max != std::numeric_limits<double>::max();
  const std::string range = has_range ? shortest(min) + " to " + shortest(max) : "";
  const std::string wanted = has_range ? "a number from " + range : "a number";
  params_.push_back({name, std::move(help), "X", shortest(member), range,
                     bounded(name, wanted, min, max, member, parse_real),
                     [&member] { return shortest(member); }});
}

void Params::text(std::string name, std::string& member, std::string help) {
  params_.push_back({std::move(name), std::move(help), "TEXT", member, "",
                     [&member](std::string_view text) { member = text; },
                     [&member] { return member; }});
}

void Params::path(std::string name, std::string& member, std::string help) {
  const std::string complaint = "--" + name + " needs a name: the one given is empty";
  text(std::move(name), member, std::move(help));
  params_.back().value_name = "PATH";
  params_.back().parse = [&member, complaint](std::string_view text) {
    if (text.empty()) throw usage_error(complaint);
    member = text;
  };
}

void Params::flag(std::string name, bool& member, std::string help) {
  params_.push_back({std::move(name), std::move(help), "", member ? "yes" : "no", "",
                     [&member](std::string_view) { member = true; },
                     [&member] { return std::string(member ? "yes" : "no"); }});
}

void Params::choice(std::string name, std::string& member, std::string help,
                    std::vector<std::string> words) {
  const std::string range = joined(words, ", ");
  params_.push_back({name, std::move(help), "WORD", member, range,
                     [name, range, words = std::move(words), &member](std::string_view text) {
                       if (std::find(words.begin(), words.end(), text) == words.end()) {
                         throw bad_value(name, text, "one of " + range);
                       }
                       member = text;
                     },
                     [&member] { return member; }});
}

void Params::duration(std::string name, Duration& member, std::string help, Duration min,
                      Duration max) {
  const std::string range = described(min) + " to " + described(max);
  params_.push_back({name, std::move(help), "TIME", described(member), range,
                     bounded(name, "a time from " + range + examples_of_times(min, max), min, max,
                             member, parse_duration),
                     [&member] { return described(member); }});
}

void Params::byte_count(std::string name, std::uint64_t& member, std::string help,
                        std::uint64_t min, std::uint64_t max) {
  const std::string range = described(min) + " to " + described(max);
  params_.push_back({name, std::move(help), "BYTES", described_bytes(member), range,
                     bounded(name, "a size from " + range + ", such as 64MiB", min, max, member,
                             parse_byte_count),
                     [&member] { return std::to_string(member); }});
}

void Params::counts(std::string name, std::vector<std::uint64_t>& member, std::string help,
                    std::uint64_t min, std::uint64_t max) {
  const std::string range = described(min) + " to " + described(max);
  const auto parse = [name, range, min, max, &member](std::string_view text) {
    std::vector<std::uint64_t> values;
    for (std::string_view rest = text; !rest.empty() || values.empty();) {
      const auto comma = std::min(rest.find(','), rest.size());
      const auto value = parse_count(rest.substr(0, comma));
      if (!value || *value < min || *value > max || comma + 1 == rest.size()) {
        throw bad_value(name, text, "whole numbers from " + range + ", with commas between them");
      }
      values.push_back(*value);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    member = std::move(values);
  };
  params_.push_back({std::move(name), std::move(help), "N,N", listed(member), range, parse,
                     [&member] { return listed(member); }});
}

Param Params::gathering(std::string name, std::vector<std::string>& member, std::string help) {
  return {std::move(name),
          std::move(help),
          "TEXT",
          "",
          "",
          [&member](std::string_view text) { member.emplace_back(text); },
          [&member] { return listed(member); }};
}

void Params::texts(std::string name, std::vector<std::string>& member, std::string help) {
  params_.push_back(gathering(std::move(name), member, std::move(help)));
  params_.back().given = Param::Given::repeatedly;
}

void Params::arguments(std::string name, std::vector<std::string>& member, std::string help) {
  params_.push_back(gathering(std::move(name), member, std::move(help)));
  params_.back().given = Param::Given::as_arguments;
}

void Params::rest(std::string name, std::vector<std::string>& member, std::string help) {
  params_.push_back(gathering(std::move(name), member, std::move(help)));
  params_.back().given = Param::Given::as_rest;
}

void Params::letter(char letter) { params_.back().letter = letter; }

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
