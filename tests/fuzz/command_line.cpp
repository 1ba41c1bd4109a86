// SPDX-License-Identifier: MIT
// app/command_line: arguments of any bytes (a NUL ends each, as in argv).
#include "app/cli/command_line.hpp"

#include "app/commands/commands.hpp"
#include "input.hpp"
#include "registry.hpp"
#include "taskrun/core/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  std::vector<std::string> arguments = in.words('\n');
  for (auto& argument : arguments) argument = argument.c_str();
  if (arguments.size() > 64) arguments.resize(64);
  try {
    const auto line = parse_command_line(arguments, all_commands(), fuzz::jobs());
    if (line->job) {
      static_cast<void>(line->params.canonical());
    }
    if (line->command->name == "resume") {
      JobSpec recorded{"sieve", {}};
      for (const auto& [name, text] : line->given) recorded.values.push_back({name, text});
      take_up(*line, recorded);
    }
  } catch (const Error& error) {
    FUZZ_REQUIRE(error.what()[0] != '\0');
  }
  return 0;
}
