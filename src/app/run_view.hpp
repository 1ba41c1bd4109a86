// SPDX-License-Identifier: MIT
// What rank 0 shows of a run: events and progress while it goes on, then the account.
#pragma once

#include <exception>
#include <optional>
#include <string>

#include "app/cli/run_settings.hpp"
#include "app/output.hpp"
#include "taskrun/engine/rank.hpp"
#include "taskrun/report/console.hpp"
#include "taskrun/report/progress.hpp"

namespace taskrun {

class RunView final : public RunObserver {
 public:
  /// Console and output outlive the view. `list_all` says where failed chunks are listed.
  RunView(const RunSettings& settings, const Job& job, Console& console, const OutputWriter& output,
          std::string list_all);

  void on_event(const Event& event) override;
  /// Throws what the output has to tell, which ends the run.
  void on_progress(const Progress& progress) override;

  /// The run ends with this failure as soon as it has begun.
  void stop_with(std::exception_ptr failure) { failure_ = std::move(failure); }

  /// The bar goes; the failed chunks are named, and, unless the run is quiet, the account is told.
  /// `alone` is the hint that says how the first failed chunk is computed alone.
  void tell_end(const Account& account, std::uint32_t core_count, const std::string& alone);

  /// Names the chunks that failed, the first of them.
  void tell_failed(const Account& account);

 private:
  void show(const Progress& progress);

  const bool quiet_;
  const bool verbose_;
  const char* const loss_;
  Console& console_;
  const OutputWriter& output_;
  const std::string list_all_;
  const ProgressStyle style_;
  const bool asked_for_;  // not chosen because there is no terminal
  ProgressPace pace_;
  ProgressSteps steps_;
  std::optional<Progress> last_;
  bool is_last_shown_ = false;
  std::exception_ptr failure_;
};

}  // namespace taskrun
