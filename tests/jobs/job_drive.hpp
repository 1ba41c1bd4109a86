// SPDX-License-Identifier: MIT
// Drives a job as the program does, but chunk after chunk on this thread: for tests that try
// thousands of grids. Whole runs are in loopback_run.hpp.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "taskrun/core/chunk_it.hpp"
#include "taskrun/job/registry.hpp"
#include "taskrun/job/typed_job.hpp"

namespace taskrun::testing {

/// An option as on the command line, without its dashes; the value is empty for a flag.
struct Option {
  std::string name;
  std::string value;
};
using Options = std::vector<Option>;

/// The job with these options, checked. Throws Error (usage) as the program would.
inline std::unique_ptr<Job> with_options(std::unique_ptr<Job> job, const Options& options) {
  Params params;
  job->declare(params);
  for (const auto& option : options) {
    const auto& all = params.all();
    const auto param =
        std::find_if(all.begin(), all.end(), [&](const Param& p) { return p.name == option.name; });
    if (param == all.end()) throw std::logic_error("no option --" + option.name);
    param->parse(option.value);
  }
  job->check();
  return job;
}

template <class J>
std::unique_ptr<Job> make_job(const Options& options) {
  return with_options(std::make_unique<TypedJob<J>>(), options);
}

/// The job that a register_job_… function registers.
inline std::unique_ptr<Job> make_job(void (*register_job)(Registry&), const Options& options) {
  Registry jobs;
  register_job(jobs);
  return with_options(jobs.entries().front().make(), options);
}

/// The output of a job whose dataset was opened and is open-ended.
inline std::string run_to_end_of_input(Job& job) {
  Wakeup wakeup;
  const auto input = job.read_input(wakeup, {});
  const std::atomic<bool> stop = false;
  std::string output;
  for (std::uint64_t item = 0;;) {
    const InputState state = input->state();
    for (; item < state.item_count; ++item) {
      Bytes shipped;
      job.ship({item, item + 1}, shipped);
      Context context(item, 1, stop);
      const Partial text = job.map({item, item + 1}, shipped, context);
      output += std::any_cast<const std::string&>(text);
      job.release({item, item + 1});
    }
    if (state.ended) return output;
    wakeup.wait_for(std::chrono::seconds(60));
  }
}

/// The result of the job on a grid of `chunks` chunks; of a job that emits, its output.
inline Partial run_serially(Job& job, std::uint64_t chunks) {
  const DatasetSize size = job.open();
  if (size.is_open_ended) return run_to_end_of_input(job);
  const Grid grid = chunk_it(size.item_count, chunks);
  const std::atomic<bool> stop = false;
  Partial result = job.emits() ? Partial(std::string()) : job.nothing();
  for (std::uint64_t chunk = 0; chunk < chunks; ++chunk) {
    Context context(chunk, 1, stop);
    Partial partial = job.map(grid.items(chunk), {}, context);
    if (job.emits()) {
      std::any_cast<std::string&>(result) += std::any_cast<std::string&>(partial);
    } else {
      result = chunk == 0 ? std::move(partial) : job.reduce(std::move(result), std::move(partial));
    }
  }
  return result;
}

/// What the job prints for a result, without the line's end; of a job that emits, its output.
inline std::string printed(const Job& job, const Partial& result) {
  if (job.emits()) return std::any_cast<const std::string&>(result);
  std::ostringstream out;
  job.print(result, out);
  std::string text = out.str();
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace taskrun::testing
