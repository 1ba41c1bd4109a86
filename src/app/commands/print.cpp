// SPDX-License-Identifier: MIT
#include "app/commands/print.hpp"

#include "app/launcher.hpp"
#include "app/output.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {

int print_by(const ProgramStart& start, const std::function<void(const WriteText&)>& tell) {
  if (!start.is_first_rank()) return static_cast<int>(ExitCode::complete);
  const ReachedStdout out(start.streams, start.launched && start.streams.through_launcher);
  tell([&out](std::string_view text) { write_text(out.fd(), text); });
  return static_cast<int>(ExitCode::complete);
}

int print(const ProgramStart& start, const std::function<std::string()>& text) {
  return print_by(start, [&](const WriteText& write) { write(text()); });
}

}  // namespace taskrun
