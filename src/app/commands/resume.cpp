// SPDX-License-Identifier: MIT
#include "app/commands/run_action.hpp"

namespace taskrun {

Command command_resume() {
  return {.name = "resume",
          .arguments = "JOURNAL [run options]",
          .help = "continue a run after its completed work",
          .more =
              "The job and its options are in the journal; other threads, ranks and schedules\n"
              "give the same result. Standard input, where the run reads it, is given again.\n",
          .examples = {{"resume primes.journal", "continue with the options it was started with"},
                       {"resume primes.journal -j 4", "the same, with four threads"}},
          .takes = Command::Takes::journal,
          .run_options = Command::RunOptions::listed,
          .make = make_action<RunAction>};
}

}  // namespace taskrun
