// SPDX-License-Identifier: MIT
#include "app/cli/foreign_options.hpp"

#include <algorithm>
#include <array>

namespace taskrun {
namespace {

struct Foreign {
  std::string_view name;
  std::string_view advice;  ///< {} is this program
};

constexpr std::string_view slots =
    "the number of parallel slots is -j N (--threads N), of I/O-bound jobs --io-threads N";
constexpr std::string_view on_error = "--on-error stop ends the run at the first failure";
constexpr std::string_view journal =
    "--journal FILE records each command, '{} log FILE' shows them";
constexpr std::string_view resume = "'{} resume FILE' runs what has failed or is missing";
constexpr std::string_view hosts = "'{} launch --hostfile FILE' runs on other hosts";
constexpr std::string_view ranks = "'{} launch -n N' starts N ranks";
constexpr std::string_view walltime = "--walltime TIME stops the run, --timeout TIME a chunk";
constexpr std::string_view shown = "--progress bar shows rate and time left";
constexpr std::string_view output = "the result goes to stdout: redirect it, or give --json FILE";

// Of any run.
constexpr std::array of_any{Foreign{"--most-bytes", "it is --max-bytes BYTES now"},
                            Foreign{"--halt", on_error},
                            Foreign{"--halt-on-error", on_error},
                            Foreign{"--fail-fast", on_error},
                            Foreign{"--stop-on-error", on_error},
                            Foreign{"--keep-going", "it is the default (--on-error continue)"},
                            Foreign{"--jobs", slots},
                            Foreign{"-P", slots},
                            Foreign{"--max-procs", slots},
                            Foreign{"--n-jobs", slots},
                            Foreign{"--n_jobs", slots},
                            Foreign{"--workers", slots},
                            Foreign{"--num-workers", slots},
                            Foreign{"--cores", slots},
                            Foreign{"--cpus", slots},
                            Foreign{"--processes", slots},
                            Foreign{"--joblog", journal},
                            Foreign{"--log", journal},
                            Foreign{"--checkpoint", "--journal FILE records completed work"},
                            Foreign{"--resume-failed", resume},
                            Foreign{"--retry-failed", resume},
                            Foreign{"--eta", shown},
                            Foreign{"--bar", shown},
                            Foreign{"--nice", "put nice in front: nice -n 10 {} …"},
                            Foreign{"--time", walltime},
                            Foreign{"--time-limit", walltime},
                            Foreign{"--max-time", walltime},
                            Foreign{"--silent", "--quiet (-q) leaves progress and statistics out"},
                            Foreign{"--debug", "--verbose (-v) reports workers and retries"},
                            Foreign{"--output", output},
                            Foreign{"-o", output},
                            Foreign{"-S", hosts},
                            Foreign{"--sshlogin", hosts},
                            Foreign{"--sshloginfile", hosts},
                            Foreign{"--slf", hosts},
                            Foreign{"--host", hosts},
                            Foreign{"--hosts", hosts},
                            Foreign{"-H", hosts},
                            Foreign{"-np", ranks},
                            Foreign{"--np", ranks}};

constexpr std::string_view order =
    "it is the default: outputs are in the order of the values; leave it out";
constexpr std::string_view unordered = "--unordered writes outputs as they come";
constexpr std::string_view placeholder = "the placeholder is always {}; leave it out";
constexpr std::string_view one_value =
    "a command gets one value, or one of each list (::: A :::+ B); leave it out";
constexpr std::string_view rows = "--csv reads rows with a header: {name} is a cell";
constexpr std::string_view from_file = "write :::: FILE behind the command";
constexpr std::string_view separator = "values are lines, or end with NUL bytes (-0)";
constexpr std::string_view shown_only = "--dry-run prints the commands without running them";
constexpr std::string_view pipe = "--pipe gives blocks of :::: FILE or stdin to the commands";
constexpr std::string_view none_without_values =
    "it is the default: an empty input runs nothing; leave it out";

// Of a job that runs commands.
constexpr std::array of_commands{
    Foreign{"-k", order},
    Foreign{"--keep-order", order},
    Foreign{"--group", "it is the default; leave it out"},
    Foreign{"-u", unordered},
    Foreign{"--ungroup", unordered},
    Foreign{"--line-buffer", unordered},
    Foreign{"--lb", unordered},
    Foreign{"-I", placeholder},
    Foreign{"-i", placeholder},
    Foreign{"--replace", placeholder},
    Foreign{"-n", one_value},
    Foreign{"-N", one_value},
    Foreign{"-L", one_value},
    Foreign{"-l", one_value},
    Foreign{"-X", one_value},
    Foreign{"-m", one_value},
    Foreign{"--xargs", one_value},
    Foreign{"--max-args", one_value},
    Foreign{"--max-lines", one_value},
    Foreign{"--max-replace-args", one_value},
    Foreign{"-C", rows},
    Foreign{"--colsep", rows},
    Foreign{"--header", rows},
    Foreign{"-a", from_file},
    Foreign{"--arg-file", from_file},
    Foreign{"-d", separator},
    Foreign{"--delimiter", separator},
    Foreign{"-t", shown_only},
    Foreign{"-p", shown_only},
    Foreign{"--interactive", shown_only},
    Foreign{"--dryrun", shown_only},
    Foreign{"--pipepart", pipe},
    Foreign{"--pipe-part", pipe},
    Foreign{"--spreadstdin", pipe},
    Foreign{"-r", none_without_values},
    Foreign{"--no-run-if-empty", none_without_values},
    Foreign{"--link", ":::+ links a list to the one before it"},
    Foreign{"--xapply", ":::+ links a list to the one before it"},
    Foreign{"--tagstring", "--tag begins each line with the values"},
    Foreign{"--wd", "it is --workdir FOLDER"},
    Foreign{"--env", "commands get the whole environment; leave it out"},
    Foreign{"-x", on_error},
    Foreign{"--exit", on_error},
    Foreign{"--most-output", "it is --max-output BYTES now"}};

std::string with_program(std::string_view advice, const std::string& program) {
  std::string text(advice);
  const auto place = text.find("{} ");
  if (place != std::string::npos && advice != placeholder) text.replace(place, 2, program);
  return text;
}

template <class Table>
std::string_view advice_in(const Table& table, std::string_view name) {
  // The value of a short form may follow at once: -P4.
  const bool is_short = name.size() > 2 && name[1] != '-';
  for (const std::string_view tried : {name, is_short ? name.substr(0, 2) : name}) {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const Foreign& foreign) { return foreign.name == tried; });
    if (found != table.end()) return found->advice;
  }
  return "";
}

}  // namespace

std::string advice_on_foreign(std::string_view name, bool takes_commands,
                              const std::string& program) {
  std::string_view advice;
  if (takes_commands) advice = advice_in(of_commands, name);
  if (advice.empty()) advice = advice_in(of_any, name);
  return with_program(advice, program);
}

}  // namespace taskrun
