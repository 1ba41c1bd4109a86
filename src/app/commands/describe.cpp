// SPDX-License-Identifier: MIT
#include "app/commands/describe.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/cli/given_secrets.hpp"
#include "app/commands/print.hpp"
#include "app/run_options.hpp"
#include "taskrun/core/suggestion.hpp"

namespace taskrun {
namespace {

std::string chunk_sizes(const Grid& grid) {
  if (grid.item_count() == 0) return "empty";
  const auto smallest = grid.item_count() / grid.chunk_count();
  const bool even = grid.item_count() % grid.chunk_count() == 0;
  return even ? fmt::format("{} items each", smallest)
              : fmt::format("{} or {} items each", smallest, smallest + 1);
}

std::string extent_text(const Grid& grid) {
  if (grid.is_open_ended()) return "items: as many as the input has, each a chunk\n";
  return fmt::format("items: {}\nchunks: {}, {}\n", grid.item_count(), grid.chunk_count(),
                     chunk_sizes(grid));
}

// Members that are not there by mistake would be left out silently.
std::string class_text(const JobMembers& members) {
  std::string found;
  for (const auto name : members.found) found += (found.empty() ? "" : ", ") + std::string(name);
  std::string absent;
  const std::vector<std::string> known(known_job_members.begin(), known_job_members.end());
  for (const auto& name : known) {
    const bool is_found =
        std::find(members.found.begin(), members.found.end(), name) != members.found.end();
    if (!is_found) absent += (absent.empty() ? "" : ", ") + name;
  }
  std::string text = "class: it has " + found + "; it has no " + absent + "\n";
  for (const auto slip : members.slips) {
    text += fmt::format("class: nothing calls its member {}{}\n", slip, suggestion(slip, known));
  }
  return text;
}

class DescribeAction final : public Action {
 public:
  int run(CommandLine& line, ProgramStart& start) override {
    return print(start, [&] { return describe_text(line); });
  }
};

}  // namespace

Command command_describe() {
  return {.name = "describe",
          .arguments = "[run options] JOB [job options]",
          .help = "show a job's dataset and chunks, without running it",
          .more = "Values of all options, number of items, number and size of the chunks.\n",
          .examples = {{"describe sieve --limit 1e9", "items, chunks and their sizes"}},
          .takes = Command::Takes::job,
          .run_options = Command::RunOptions::allowed,
          .make = make_action<DescribeAction>};
}

std::string describe_text(CommandLine& line) {
  const Grid grid = make_grid(line.job->open(), run_options(line));
  std::string text = fmt::format("{}: {}\n", line.entry->name, line.entry->help);
  for (const auto& param : line.params.all()) {
    text += fmt::format("  {}: {}\n", param.name,
                        shown_value(param, param.value(), line.settings.secrets()));
  }
  text += extent_text(grid);
  text += fmt::format("output: {}\n",
                      line.job->emits() ? "text, in the order of the chunks" : "one result");
  text += class_text(line.entry->members());
  return text;
}

}  // namespace taskrun
