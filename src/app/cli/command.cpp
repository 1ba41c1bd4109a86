// SPDX-License-Identifier: MIT
#include "app/cli/command.hpp"

#include <algorithm>

#include "taskrun/core/contract.hpp"

namespace taskrun {

bool Command::refuses_option(std::string_view option_name) const {
  return std::find(refused_options.begin(), refused_options.end(), option_name) !=
         refused_options.end();
}

bool Command::takes_run_option(std::string_view option_name) const {
  return run_options != RunOptions::refused && !refuses_option(option_name);
}

const Command* Commands::find(std::string_view name) const {
  const auto found = std::find_if(named.begin(), named.end(),
                                  [&](const Command& command) { return command.name == name; });
  return found == named.end() ? nullptr : &*found;
}

const Command& Commands::at(std::string_view name) const {
  const Command* const command = find(name);
  TASKRUN_EXPECT(command != nullptr);
  return *command;
}

}  // namespace taskrun
