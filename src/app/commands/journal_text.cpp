// SPDX-License-Identifier: MIT
#include "app/commands/journal_text.hpp"

#include <string.h>

#include <ctime>

namespace taskrun {
namespace {

using nlohmann::json;

constexpr double end_of_year_9999 = 253402300800;

}  // namespace

std::string time_text(double unix_seconds) {
  if (!(unix_seconds >= 0 && unix_seconds < end_of_year_9999)) return "an unknown time";
  const auto whole = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  if (localtime_r(&whole, &parts) == nullptr) return "an unknown time";
  char text[32];
  return {text, std::strftime(text, sizeof text, "%F %T", &parts)};
}

std::string end_text(const ProcessEnd& end) {
  if (end.how == ProcessEnd::How::unknown) return "";
  const std::string number = std::to_string(end.number);
  if (end.how == ProcessEnd::How::exited) return number;
  const char* const name = sigabbrev_np(end.number);
  return name == nullptr ? "signal " + number : std::string("SIG") + name;
}

void add_end(json& to, const ProcessEnd& end) {
  const auto number = [&](ProcessEnd::How how) {
    return end.how == how ? json(end.number) : json();
  };
  to["exit_code"] = number(ProcessEnd::How::exited);
  to["signal"] = number(ProcessEnd::How::killed);
}

json failure_json(const JournalFailure& failure) {
  json all = {{"chunk", failure.chunk + 1},
              {"first_item", failure.first_item + 1},
              {"last_item", failure.end_item},
              {"attempts", failure.attempts},
              {"error", failure.error}};
  add_end(all, failure.end);
  return all;
}

}  // namespace taskrun
