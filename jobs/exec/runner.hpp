// SPDX-License-Identifier: MIT
// Runs the commands of exec: from a command's words to its output, its results and how it ended.
// Where commands come from is sources.hpp's matter, how one lives process.hpp's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "exec/input.hpp"
#include "exec/process.hpp"
#include "exec/results.hpp"
#include "taskrun/job/context.hpp"

namespace taskrun {

/// What holds for all commands of a run.
struct ExecSettings {
  std::string folder;   ///< where they run; empty: here
  std::string results;  ///< the folder for files of results; empty: none
  // What several slots hold of this at a time, and the run until its turn comes, fits any machine.
  std::uint64_t most_output_bytes = 64 << 20;
  bool tags = false;              ///< the command's tag before each line
  bool dry_run = false;           ///< the commands are written, and none is run
  bool keep_environment = false;  ///< nothing is said in it of how many threads to use
};

/// What went wrong with a command.
struct ExecTrouble {
  std::string what;  ///< empty where nothing did
  ProcessEnd end{};

  bool empty() const { return what.empty(); }
  /// The chunk has failed.
  [[noreturn]] void raise() const {
    ChunkFailed failed(what);
    failed.end = end;
    throw failed;
  }
};

/// Of a command as messages name it.
inline constexpr std::size_t most_command_bytes = 200;
/// As a shell has it; what is too long is cut.
std::string command_in_brief(const std::vector<std::string>& words, Secrets secrets);

/// Any thread.
class ExecRunner {
 public:
  /// The settings outlive it.
  explicit ExecRunner(const ExecSettings& settings) : settings_(settings) {}

  /// Throws Error (usage) where the program cannot be found. An empty name, which differs from item
  /// to item, is looked for when it is run.
  void require_program(const std::string& name) const;

  /// For `input` see ExecProcess.
  ExecTrouble run(const ExecCommand& command, const std::function<std::string_view()>& input,
                  Output& out, const Context& context) const;

 private:
  // Programs that were looked for.
  class Programs {
   public:
    /// The file; none, and errno, where there is none.
    std::optional<std::string> find(const std::string& name, const std::string& folder);

   private:
    std::mutex mutex_;
    std::map<std::string, std::string> files_;
  };

  ExecEnd run(ExecProcess& process, const Context& context) const;

  const ExecSettings& settings_;
  mutable Programs programs_;
  mutable WholeStderr stderr_;
};

}  // namespace taskrun
