// SPDX-License-Identifier: MIT
#include "app/compare/compare.hpp"

#include "app/commands/start_ranks.hpp"

namespace taskrun {
namespace {

class CompareAction final : public Action {
 public:
  std::vector<Param> options() override { return compare_params(settings_); }

  int run(CommandLine& line, ProgramStart& start) override {
    refuse_lone_task(line);
    refuse_ranks(line, start);
    return compare(line, settings_, start.streams);
  }

 private:
  CompareSettings settings_;
};

}  // namespace

Command command_compare() {
  return {
      .name = "compare",
      .arguments = "[options of compare] [run options] JOB [job options]",
      .help = "run a job sequentially, on threads and on processes: which is fastest, and why",
      .more =
          "Each way is a process of its own on the same input; all results must be equal.\n"
          "Times are those of whole processes. --threads or --io-threads say how many at once.\n",
      .examples = {{"compare sieve --limit 1e10", "sequential, threads and processes"},
                   {"compare powers 2 3 5 7 --delay 0.1s", "an I/O-bound job: a pool of threads"},
                   {"compare --repeat 5 --svg bars.svg sieve --limit 1e9",
                    "medians of five, and a picture"}},
      .takes = Command::Takes::job,
      .run_options = Command::RunOptions::listed,
      .refused_options = {"journal", "resume", "hash-inputs", "walltime", "only-chunk"},
      .why_refused = "compare, whose runs are measured and forgotten",
      .writes_result = false,
      .make = make_action<CompareAction>};
}

}  // namespace taskrun
