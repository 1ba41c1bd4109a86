// SPDX-License-Identifier: MIT
#include "app/cli/command_info.hpp"

#include <algorithm>
#include <array>

namespace taskrun {
namespace {

using Command = CommandLine::Command;
using Example = CommandInfo::Example;

constexpr std::array launch_examples{
    Example{"launch -n 8 sieve --limit 1e12", "eight ranks on this machine"},
    Example{"launch --hostfile hosts sieve --limit 1e13", "a rank for each slot of the hosts"},
    Example{"launch --hostfile hosts resume run.journal", "continue an earlier run"}};
constexpr std::array compare_examples{
    Example{"compare sieve --limit 1e10", "sequential, threads and processes"},
    Example{"compare powers 2 3 5 7 --delay 0.1s", "an I/O-bound job: a pool of threads"},
    Example{"compare --repeat 5 --svg bars.svg sieve --limit 1e9",
            "medians of five, and a picture"}};
constexpr std::array resume_examples{
    Example{"resume primes.journal", "continue with the options it was started with"},
    Example{"resume primes.journal -j 4", "the same, with four threads"}};
constexpr std::array status_examples{
    Example{"status primes.journal", "progress, rate and time left, also while it runs"},
    Example{"status primes.journal --json", "the same for programs"}};
constexpr std::array log_examples{Example{"log primes.journal", "a row for each attempt"},
                                  Example{"log primes.journal --failed", "the chunks that failed"},
                                  Example{"log primes.journal --json", "the same for programs"}};
constexpr std::array describe_examples{
    Example{"describe sieve --limit 1e9", "items, chunks and their sizes"}};
constexpr std::array list_examples{Example{"list", "a line for each job"}};
constexpr std::array help_examples{Example{"help sieve", "options and examples of a job"},
                                   Example{"help compare", "options and examples of a command"}};
constexpr std::array version_examples{Example{"version", "attach this to a report of a fault"}};

constexpr std::array table{
    CommandInfo{
        Command::launch, "launch",
        "[options of launch] [run options] JOB [job options]\n"
        "launch [options of launch] [run options] resume JOURNAL",
        "run a job on several ranks, and keep it running when some of them die",
        "Starts the ranks with mpirun, here or on the hosts of a hostfile or an allocation.\n"
        "When a rank or a host dies its chunks go to the others; when rank 0 dies the run is\n"
        "restarted from its journal, which is in the current folder until it is complete.\n",
        launch_examples, false, true},
    CommandInfo{
        Command::compare, "compare", "[options of compare] [run options] JOB [job options]",
        "run a job sequentially, on threads and on processes: which is fastest, and why",
        "Each way is a process of its own on the same input; all results must be equal.\n"
        "Times are those of whole processes. --threads or --io-threads say how many at once.\n",
        compare_examples, false, true},
    CommandInfo{Command::resume, "resume", "JOURNAL [run options]",
                "continue a run after its completed work",
                "The job and its options are in the journal; other threads, ranks and schedules\n"
                "give the same result. Standard input, where the run reads it, is given again.\n",
                resume_examples, true, true},
    CommandInfo{Command::status, "status", "JOURNAL [--json]",
                "show how far a run is, also while it runs", "", status_examples, true},
    CommandInfo{Command::log, "log", "JOURNAL [--failed] [--json]",
                "show what became of each attempt of a run", "", log_examples, true},
    CommandInfo{Command::list, "list", "", "list the jobs", "", list_examples},
    CommandInfo{Command::describe, "describe", "[run options] JOB [job options]",
                "show a job's dataset and chunks, without running it",
                "Values of all options, number of items, number and size of the chunks.\n",
                describe_examples},
    CommandInfo{Command::help, "help", "[JOB or COMMAND]",
                "show how to use the program, a job or a command", "", help_examples},
    CommandInfo{Command::version, "version", "",
                "show the versions of the program and its libraries", "", version_examples}};

}  // namespace

std::span<const CommandInfo> all_commands() { return table; }

const CommandInfo* command_named(std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const CommandInfo& info) { return info.name == name; });
  return found == table.end() ? nullptr : &*found;
}

const CommandInfo* info_of(Command command) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const CommandInfo& info) { return info.command == command; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace taskrun
