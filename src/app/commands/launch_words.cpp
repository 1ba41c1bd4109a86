// SPDX-License-Identifier: MIT
#include "app/commands/launch_words.hpp"

#include "app/cli/option_splitter.hpp"

namespace taskrun {

std::vector<std::string> rank_arguments(const CommandLine& line) {
  std::vector<std::string> left;
  if (line.entry != nullptr) left.push_back(line.entry->name);
  if (!line.file.empty()) left.insert(left.end(), {"resume", line.file});
  const auto own = line.action->options();
  for (std::size_t i = 0; i < line.arguments.size(); ++i) {
    const std::string& argument = line.arguments[i];
    bool value_follows = false;
    bool has_value = false;
    for (const auto& param : own) {
      value_follows |= is_spelled(param, argument);
      has_value |= argument.starts_with("--" + param.name + "=") ||
                   (argument.size() > 2 && is_spelled(param, argument.substr(0, 2)));
    }
    if (!value_follows && !has_value) left.push_back(argument);
    if (value_follows) ++i;
  }
  if (!line.plain.empty()) left.emplace_back("--");
  left.insert(left.end(), line.plain.begin(), line.plain.end());
  return left;
}

}  // namespace taskrun
