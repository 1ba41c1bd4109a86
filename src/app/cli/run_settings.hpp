// SPDX-License-Identifier: MIT
// The run options: what may be asked of any run, whatever its job.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/isolation_settings.hpp"
#include "taskrun/core/secrets.hpp"
#include "taskrun/core/time.hpp"
#include "taskrun/job/params.hpp"
#include "taskrun/run/defaults.hpp"
#include "taskrun/schedule/policy.hpp"

namespace taskrun {

enum class ProgressStyle { automatic, bar, lines, verbose, off };

struct RunSettings {
  std::uint64_t chunk_count = 0;  ///< 0: chosen by the job
  std::uint64_t chunk_size = 0;   ///< 0: likewise
  Schedule schedule = Schedule::automatic;
  std::uint64_t thread_count = 0;                 ///< 0: this rank's share of the cores
  std::uint64_t io_thread_count = 0;              ///< 0: the default; for jobs that are I/O-bound
  std::optional<std::uint64_t> retries;           ///< chosen by the job, if not given
  std::uint64_t failures_tolerated = UINT64_MAX;  ///< one more failed chunk stops the run
  double failure_ratio_tolerated = 1;             ///< likewise, as a part of all chunks
  Duration stalled_after = std::chrono::hours(2);
  Duration walltime{};       ///< zero: no limit
  std::uint64_t credit = 0;  ///< 0: as the measured lease times want it
  IsolationSettings isolation;
  std::string json_path;      ///< "-" is stdout; empty: none
  std::string journal_path;   ///< empty: none is kept
  bool resume = false;        ///< continue after the completed work in the journal
  bool trust = false;         ///< resume what another user may have written
  bool hash_inputs = false;   ///< identify input files by content hash
  bool keep_secrets = false;  ///< in journals, messages and reports
  ProgressStyle progress = ProgressStyle::automatic;
  std::uint64_t progress_items = 0;  ///< of verbose: a line each so many; 0: chosen by the run
  bool quiet = false;
  bool verbose = false;

  Secrets secrets() const { return keep_secrets ? Secrets::kept : Secrets::masked; }
};

/// The settings as options, in the order of the help; `settings` outlives them.
std::vector<Param> run_params(RunSettings& settings);

/// Whether a resumed run is given the option again, as the journal has it, unless it is given
/// another: those that say what is computed, not on what.
bool is_kept_for_resume(const std::string& option_name);

/// Throws Error (usage) where options do not go together.
void check(const RunSettings& settings);

}  // namespace taskrun
