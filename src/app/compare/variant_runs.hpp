// SPDX-License-Identifier: MIT
// Runs the variants of a comparison as processes of this program, all on the same input, and sees
// to it that they all write the same.
#pragma once

#include <optional>
#include <string>

#include "app/cli/this_program.hpp"
#include "app/compare/measured_run.hpp"
#include "app/compare/variants.hpp"
#include "app/shared_input.hpp"
#include "taskrun/launch/shared_folder.hpp"

namespace taskrun {

/// What a variant took once.
struct Sample {
  MeasuredRun taken;
  Duration run{};  ///< without starting and ending
  std::uint64_t chunk_count = 0;
};

/// A run that did not end well: what it said and how it ended, to be passed on.
struct RunFailed {
  std::string name;
  MeasuredRun run;
};

/// The command of a variant; `program` is how the program is called.
ChildCommand command_of(const Variant& variant, const std::string& program);

class VariantRuns {
 public:
  /// Opens the dataset, in a process of its own, and keeps standard input if the job reads it. What
  /// is wrong with it is known before anything is measured. How large it is; nothing where only a
  /// run can tell. `variant` is the one to run for that, unmeasured. Throws RunFailed
  /// and StopAsked, as measure() does.
  std::optional<DatasetSize> look(const CommandLine& line, const Variant& variant);

  /// Throws Error (environment) where the result is not that of the first one measured.
  Sample measure(const Variant& variant);

 private:
  struct Finished {
    MeasuredRun run;
    Descriptor out;  // what it wrote
  };

  Finished finish(const std::string& name, ChildCommand command);
  Finished finish_variant(const Variant& variant);
  void require_same(const Variant& variant, Descriptor out);
  std::string account_path() const { return (scratch_.path() / "run.json").string(); }

  const StopSignals signals_;
  const std::string program_ = this_program();
  const SharedFolder scratch_;
  SharedInput input_;
  Descriptor expected_;  // what the first one wrote
  std::string first_name_;
};

}  // namespace taskrun
