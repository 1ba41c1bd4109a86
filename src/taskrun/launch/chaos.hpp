// SPDX-License-Identifier: MIT
// Faults on demand: which rank dies, stands still or is slow, and when, all from one seed. Pure;
// who carries them out is the program.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "taskrun/core/time.hpp"

namespace taskrun {

/// Mean times; zero: never.
struct Chaos {
  std::uint64_t seed = 0;
  Duration kill{};         ///< until a worker kills itself
  Duration stop{};         ///< between a worker's stops, of a few seconds each
  Duration delay{};        ///< the longest that a worker's messages are held up, now and then
  Duration drop_host{};    ///< until all ranks of one host, never rank 0's, die at once
  Duration coordinator{};  ///< until rank 0 kills itself
};

struct Fault {
  enum class Kind { kill, stop, go_on };
  Duration at{};  ///< since the rank's start
  Kind kind = Kind::kill;
};

/// Who is to suffer.
struct FaultyRank {
  std::uint32_t rank = 0;
  std::string host;
  bool far = false;           ///< on another host than the supervisor
  std::uint64_t restart = 0;  ///< each restart has faults of its own
};

/// Its faults in the order of their times, for the first hours.
std::vector<Fault> faults_of(const Chaos& chaos, const FaultyRank& rank);

/// When a rank's messages are held up, and for how long: one call each time it looks for messages.
class Delays {
 public:
  Delays(const Chaos& chaos, const FaultyRank& rank);
  Duration next(Time now);

 private:
  const Duration longest_;
  std::uint64_t state_;
  Time at_{};
};

}  // namespace taskrun
