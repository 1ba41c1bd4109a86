// SPDX-License-Identifier: MIT
#include "taskrun/launch/rank_environment.hpp"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace taskrun {
namespace {

using std::chrono::system_clock;
using Seconds = std::chrono::duration<double>;

constexpr const char* input_apart_variable = "TASKRUN_INPUT_APART";

// Each variable once, for both directions.
template <class Told, class Visit>
void for_each_variable(Told& told, Visit visit) {
  visit(lifeline_variable, told.lifeline);
  visit(secret_variable, told.secret);
  visit("TASKRUN_SHARED_FOLDER", told.shared_folder);
  visit("TASKRUN_RESTART", told.restart);
  visit("TASKRUN_ISOLATE", told.isolate);
  visit("TASKRUN_INPUT_LOST", told.input_lost);
  visit(input_apart_variable, told.input_apart);
  visit("TASKRUN_CHAOS", told.chaos);
  visit("TASKRUN_END_TIME", told.end_time);
  visit("TASKRUN_LOST_AFTER", told.lost_after);
}

std::string text_of(const std::string& text) { return text; }
std::string text_of(std::uint64_t number) { return std::to_string(number); }
std::string text_of(bool set) { return set ? "1" : ""; }
std::string text_of(const std::optional<system_clock::time_point>& time) {
  return time ? std::to_string(Seconds(time->time_since_epoch()).count()) : "";
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

void read_value(std::string_view text, std::string& to) { to = text; }
void read_value(std::string_view text, std::uint64_t& to) {
  to = number_of<std::uint64_t>(text).value_or(0);
}
void read_value(std::string_view text, bool& to) { to = !text.empty(); }
void read_value(std::string_view text, std::optional<system_clock::time_point>& to) {
  constexpr double farthest = 4e9;
  const auto seconds = number_of<double>(text);
  if (!seconds || !(*seconds > 0 && *seconds < farthest)) return;
  to = system_clock::time_point(
      std::chrono::duration_cast<system_clock::duration>(Seconds(*seconds)));
}

}  // namespace

Variables to_environment(const RankEnvironment& told) {
  Variables variables;
  for_each_variable(told, [&](const char* name, const auto& value) {
    std::string text = text_of(value);
    if (!text.empty()) variables.emplace_back(name, std::move(text));
  });
  return variables;
}

RankEnvironment from_environment(const std::function<const char*(const char* name)>& variable) {
  RankEnvironment told;
  for_each_variable(told, [&](const char* name, auto& value) {
    if (const char* const text = variable(name)) read_value(text, value);
  });
  return told;
}

RankEnvironment rank_environment() {
  return from_environment([](const char* name) { return std::getenv(name); });
}

void hide_rank_environment() {
  // The kernel shows the environment that a process began with, whatever it forgets.
  if (char* const secret = std::getenv(secret_variable)) {
    std::memset(secret, '-', std::strlen(secret));
  }
  for (const char* name : {secret_variable, lifeline_variable, input_apart_variable}) {
    unsetenv(name);
  }
}

}  // namespace taskrun
