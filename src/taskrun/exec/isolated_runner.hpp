// SPDX-License-Identifier: MIT
// Computes a slot's leases in a helper process: whatever user code does there (crash, hang, take
// all memory) costs the chunk it happened in, and a new helper.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "taskrun/exec/chunk_times.hpp"
#include "taskrun/exec/lease_runner.hpp"
#include "taskrun/exec/zygote.hpp"
#include "taskrun/os/tree_memory.hpp"
#include "taskrun/protocol/helper_messages.hpp"

namespace taskrun {

/// The helper is forked for the first lease, and again after each death. What a dead one had handed
/// over counts; the chunk in flight fails; the rest of the lease goes back.
class IsolatedRunner final : public LeaseRunner {
 public:
  /// Zygote and grid outlive the runner.
  IsolatedRunner(Zygote& zygote, std::uint32_t slot, const Grid& grid,
                 std::shared_ptr<ChunkTimes> times);
  ~IsolatedRunner() override;

  /// Throws HelpersGone when helpers cannot be had, Error (environment) when they end before they
  /// compute anything.
  void run(const Work& work, Results& out, const ChunkRunner::Flush& flush) override;
  std::atomic<bool>& stop_flag() override { return cell_.stop; }
  bool kill() override;
  void know_median(Duration median_chunk) override { times_->know(median_chunk); }

 private:
  enum class Talk { goes_on, ended, helper_gone };
  /// Why we ended the helper ourselves.
  enum class Cause { none, too_slow, too_much_memory, unwanted, unreadable };

  void start_helper();
  bool helper_lives() const;
  Talk talk(const Work& work, Results& out, const ChunkRunner::Flush& flush);
  Talk wait(ByteView unsent);
  void forgive(Duration waited);
  Talk take_reports(Results& out, const ChunkRunner::Flush& flush);
  Talk take_report(ByteView body, Results& out, const ChunkRunner::Flush& flush);
  /// Ends the helper if its chunk takes too long, or is not wanted any more.
  void watch();
  /// Of the helper and all that it has started.
  void watch_memory(Time now);
  bool is_group_full() const { return helper_->group != nullptr && helper_->group->was_full(); }
  std::optional<Duration> longest_chunk();
  void end_helper(Cause cause);
  void blame(const Work& work, Results& out) const;
  void mourn(const Work& work, Results& out);
  std::string how_it_ended(int status) const;

  Zygote& zygote_;
  const std::uint32_t slot_;
  const Grid& grid_;
  const std::shared_ptr<ChunkTimes> times_;
  HelperCell& cell_;

  std::mutex helper_mutex_;  // guards who the helper is, against kill()
  std::optional<Helper> helper_;
  std::atomic<bool> killed_ = false;
  FrameReader reader_;
  std::optional<TreeMemory> memory_;  // the helper's, where that is limited
  Time memory_look_{};

  // Of the lease being computed:
  std::uint64_t next_ = 0;  // what lies before was reported
  Time started_{};
  Time reported_{};
  std::uint64_t begun_before_ = 0;
  std::uint64_t begun_seen_ = 0;
  Time begun_since_{};  // when that was first seen
  Time unwanted_since_ = never;
  Cause cause_ = Cause::none;
  std::uint64_t peak_bytes_ = 0;  // of the chunk that the helper died of

  int idle_deaths_ = 0;  // one after the other, of helpers that had begun nothing
};

/// A runner for each slot of a rank.
std::vector<std::unique_ptr<LeaseRunner>> isolated_runners(Zygote& zygote, const Grid& grid,
                                                           std::uint32_t count);

}  // namespace taskrun
