// SPDX-License-Identifier: MIT
#include "app/commands/launch_settings.hpp"

#include "app/chaos_hand.hpp"
#include "app/cli/setting_params.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/shell_words.hpp"
#include "taskrun/job/number.hpp"

namespace taskrun {
namespace {

// Beyond these a number is a slip of the keyboard.
constexpr std::uint64_t most_ranks = 1'000'000;
constexpr std::uint64_t most_restarts = 1'000'000;

Param chaos_param(LaunchSettings& settings) {
  return {"chaos",
          "inject faults: workers die, stop and are slow; mean times may follow the "
          "seed: 7,kill=10s,stop=10s,delay=100ms,drop-host=30s,coordinator=30s",
          "SEED",
          "none",
          "",
          [&settings](std::string_view text) {
            static_cast<void>(parse_chaos(text));
            settings.chaos = text;
          },
          [&settings] { return settings.chaos; }};
}

Param start_deadline_param(LaunchSettings& settings) {
  return {"start-deadline",
          "how long the ranks may take to start",
          "TIME",
          "60s",
          "",
          [&settings](std::string_view text) {
            const auto value = parse_duration(text);
            if (!value || *value <= Duration::zero()) {
              throw usage_error("--start-deadline " + printable_shell_word(text) +
                                ": expected a time, such as 30s or 5min");
            }
            settings.start_deadline = *value;
          },
          [&settings] { return std::to_string(seconds(settings.start_deadline)) + "s"; }};
}

}  // namespace

std::vector<Param> launch_params(LaunchSettings& settings) {
  return {with_letter(
              'n', with_default("one for each slot", count_param("ranks", settings.rank_count,
                                                                 "ranks to start", 1, most_ranks))),
          with_default(
              "this host, or the allocation",
              file_param("hostfile", settings.hostfile, "the hosts, one a line: node1 slots=4")),
          count_param("restarts", settings.restarts,
                      "restarts from the journal after the coordinator died", 0, most_restarts),
          start_deadline_param(settings), chaos_param(settings)};
}

}  // namespace taskrun
