// SPDX-License-Identifier: MIT
// Who takes part in a run, what each has done and how fast it is. Part of the coordinator, and pure
// like it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "taskrun/core/ids.hpp"
#include "taskrun/core/time.hpp"
#include "taskrun/events/account.hpp"
#include "taskrun/exec/executor.hpp"
#include "taskrun/protocol/messages.hpp"

namespace taskrun {

/// A worker as the coordinator knows it.
struct Member {
  enum class State {
    expected,  ///< has not said hello yet
    joined,
    lost,     ///< silent for too long; joins again when it speaks
    left,     ///< has said goodbye, was refused, or its process has ended
    retired,  ///< computes no more, and waits for the end
  };
  State state = State::expected;
  WorkerAccount account;
  ProcessName process;
  Time heard{};
  Time spoken{};
  Time fed{};                     ///< when it got its last lease
  const char* last_word = "";     ///< what it said last
  std::uint64_t last_length = 1;  ///< of the leases it got
  bool hungry = false;            ///< listed: may have credit left
  bool idle = false;              ///< listed: found nothing to do
  // Its speed: chunks and slot-seconds of late, older ones counting less and less.
  double recent_chunks = 0;
  double recent_seconds = 0;
  double speed = 0;  ///< of one slot, chunks a second; 0: not measured
};

/// All workers, and what they add up to.
class Roster {
 public:
  explicit Roster(std::uint32_t worker_count)
      : members_(worker_count), expected_count_(worker_count) {}

  std::uint32_t size() const { return static_cast<std::uint32_t>(members_.size()); }
  Member& operator[](WorkerId worker) { return members_[worker.value]; }
  const Member& operator[](WorkerId worker) const { return members_[worker.value]; }
  const std::vector<Member>& all() const { return members_; }

  /// With the slots that its account says.
  void join(WorkerId worker, Time now);
  void lose(WorkerId worker);
  void leave(WorkerId worker);
  /// After it was lost.
  void retire(WorkerId worker) { members_[worker.value].state = Member::State::retired; }
  void measure(WorkerId worker, const LeaseProgress& progress);
  /// A pause of ours is nobody's silence.
  void forgive(Duration pause);

  std::uint32_t expected_count() const { return expected_count_; }
  std::uint32_t joined_count() const { return joined_count_; }
  /// Of the joined.
  std::uint32_t slot_count() const { return slot_count_; }
  bool everybody_left() const;
  /// Whether one of those who are silent said something after that time.
  bool any_may_return(Time since) const;

  /// Of one of its slots, in chunks a second; the mean of all where it was not measured; 0 where
  /// nobody was.
  double speed_of(const Member& member) const;
  /// Of all slots of the joined; 0 where nobody was measured.
  double total_speed() const;

  /// A worker's state in words.
  std::string described(WorkerId worker, Time now) const;

 private:
  std::vector<Member> members_;  // by rank
  std::uint32_t expected_count_;
  std::uint32_t joined_count_ = 0;
  std::uint32_t slot_count_ = 0;
  std::uint32_t measured_slots_ = 0;  // of the joined
  double measured_speed_ = 0;         // of those slots together
};

}  // namespace taskrun
