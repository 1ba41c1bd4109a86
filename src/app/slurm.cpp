// SPDX-License-Identifier: MIT
#include "app/slurm.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <memory>

namespace taskrun {
namespace {

// Longer limits are none to us, and would not fit what time is counted in.
constexpr std::uint64_t most_seconds = 100ULL * 366 * 86400;

// Takes the number before `separator`, and the separator, from the text.
std::optional<std::uint64_t> take_number(std::string_view& text, char separator) {
  std::uint64_t number = 0;
  const auto at = text.find(separator);
  const char* end = text.data() + std::min(at, text.size());
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || number > most_seconds) return std::nullopt;
  text.remove_prefix(at == text.npos ? text.size() : at + 1);
  return number;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

std::optional<Duration> parse_slurm_time(std::string_view text) {
  std::optional<std::uint64_t> total = 0;
  const auto add = [&](char separator, std::uint64_t seconds) {
    const auto number = take_number(text, separator);
    total = number && total ? std::optional(*total + *number * seconds) : std::nullopt;
  };
  if (text.find('-') != text.npos) add('-', 86400);
  const auto colons = std::count(text.begin(), text.end(), ':');
  if (colons < 1 || colons > 2) return std::nullopt;
  if (colons == 2) add(':', 3600);
  add(':', 60);
  add(':', 1);
  if (!total || *total > most_seconds) return std::nullopt;
  return std::chrono::seconds(*total);
}

std::optional<Duration> slurm_time_left(const std::string& job_id) {
  if (!is_number(job_id)) return std::nullopt;
  const std::string command = "timeout 10 squeue -h -o %L -j " + job_id + " 2>/dev/null </dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> answer(::popen(command.c_str(), "re"), ::pclose);
  std::array<char, 64> line{};
  if (!answer || std::fgets(line.data(), line.size(), answer.get()) == nullptr) return std::nullopt;
  std::string_view text = line.data();
  if (text.ends_with('\n')) text.remove_suffix(1);
  return parse_slurm_time(text);
}

}  // namespace taskrun
