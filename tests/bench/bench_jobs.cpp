// SPDX-License-Identifier: MIT
// Jobs that cost what they are told to: nothing, so many rounds of work, so much waiting.
#include <chrono>
#include <cstdint>
#include <ostream>
#include <thread>

#include "spin.hpp"
#include "taskrun/job/registry.hpp"

namespace {

using taskrun::Params;
using taskrun::Range;

// What the jobs have in common: items that are chunks of their own, and numbers that are added up.
class SumOfNumbers {
 public:
  Range dataset() const { return {0, items}; }
  std::uint64_t chunk_size() const { return 1; }
  std::uint64_t reduce(std::uint64_t left, std::uint64_t right) const { return left + right; }
  void print(std::uint64_t sum, std::ostream& out) const { out << sum << '\n'; }

  std::uint64_t items = 1'000'000;
};

/// Chunks that take no time, with a result each.
class Empty : public SumOfNumbers {
 public:
  void params(Params& params) { params.count("items", items, "how many chunks"); }

  std::uint64_t map(Range part) const {
    std::uint64_t sum = 0;
    for (std::uint64_t i = part.first(); i < part.past(); ++i) sum += taskrun::bench::mixed(i);
    return sum;
  }
};

/// Chunks that compute for a while.
class Spin : public SumOfNumbers {
 public:
  void params(Params& params) {
    params.count("items", items, "how many chunks");
    params.count("rounds", rounds_, "how much work each is");
  }

  std::uint64_t map(Range part) const {
    std::uint64_t sum = 0;
    for (std::uint64_t i = part.first(); i < part.past(); ++i)
      sum += taskrun::bench::spin(i, rounds_);
    return sum;
  }

 private:
  std::uint64_t rounds_ = 1000;
};

/// One chunk that sleeps, while everybody else has nothing to do.
class Nap {
 public:
  void params(Params& params) { params.count("milliseconds", milliseconds_, "how long"); }
  Range dataset() const { return {0, 1}; }
  std::uint64_t map(Range) const {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds_));
    return milliseconds_;
  }
  std::uint64_t reduce(std::uint64_t left, std::uint64_t right) const { return left + right; }
  void print(std::uint64_t slept, std::ostream& out) const { out << slept << '\n'; }

 private:
  std::uint64_t milliseconds_ = 5000;
};

}  // namespace

TASKRUN_JOB(empty, "take no time", Empty)
TASKRUN_JOB(spin, "compute for a while", Spin)
TASKRUN_JOB(nap, "sleep in one chunk", Nap)
