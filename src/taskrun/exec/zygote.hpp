// SPDX-License-Identifier: MIT
// The process that helper processes are forked from: forked itself before the rank has any thread
// or MPI, it is small, knows the job, and does nothing else. Whatever is left of its helpers ends
// with it, and it ends with its rank.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "taskrun/core/bytes.hpp"
#include "taskrun/core/chunk_it.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/exec/isolation.hpp"
#include "taskrun/exec/zygote_process.hpp"
#include "taskrun/job/job.hpp"
#include "taskrun/os/descriptor.hpp"
#include "taskrun/os/memory_group.hpp"

namespace taskrun {

/// No helper can be had here any more: this worker cannot go on, others can.
class HelpersGone final : public Error {
 public:
  explicit HelpersGone(const std::string& what) : Error(ExitCode::environment, what) {}
};

/// A rank's end of a helper.
struct Helper {
  pid_t pid = 0;
  Descriptor socket;   ///< a stream, see helper_messages.hpp
  Descriptor process;  ///< a pidfd: readable when the helper is dead
  /// Its control group, where one can be had; lives until the slot's next helper.
  const MemoryGroup* group = nullptr;
};

class Zygote {
 public:
  /// Forks: call it before there are threads. The job is parsed, and neither opened nor joined; its
  /// helpers join it. Throws Error (environment).
  Zygote(Job& job, const IsolationLimits& limits, std::uint32_t slots);
  /// For a run whose job is not known yet: the new process waits for teach(), and `learn` makes the
  /// job there of what it is told.
  explicit Zygote(const LearnJob& learn);
  /// Once, before there are helpers. That the process is gone is told by fork_helper().
  void teach(ByteView told, const IsolationLimits& limits, std::uint32_t slots);
  /// Ends it and all helpers.
  ~Zygote();
  Zygote(const Zygote&) = delete;
  Zygote& operator=(const Zygote&) = delete;

  // From any thread:
  /// A new helper for that slot, whose last one is dead. Throws Shortage; and HelpersGone, as does
  /// bury().
  Helper fork_helper(std::uint32_t slot, const Grid& grid);
  /// Of a helper that is dead: how it ended, as waitpid() tells. What it started itself is killed.
  int bury(pid_t helper);

  /// What the helpers of the first slots, and what they have started, have used so far.
  Duration processor_time(std::uint32_t slots) const;

  HelperCell& cell(std::uint32_t slot) { return cells_[slot]; }
  /// To be set where the rank is told to end: should somebody kill it before it has asked its
  /// helpers to, the zygote does. May outlive this.
  std::shared_ptr<std::atomic<bool>> rank_told() const;
  const IsolationLimits& limits() const { return limits_; }

 private:
  struct Answer;
  Answer ask(const ZygoteRequest& request);

  const MemoryGroup* put_into_group(std::uint32_t slot, pid_t helper);

  IsolationLimits limits_;
  std::shared_ptr<HelperCell[]> cells_;  // shared memory; of the slots, and of the rank itself
  std::mutex mutex_;                     // one question at a time
  Descriptor control_;
  pid_t pid_ = 0;
  bool is_gone_ = false;
  std::map<std::uint32_t, std::unique_ptr<MemoryGroup>> groups_;  // of slots
};

}  // namespace taskrun
