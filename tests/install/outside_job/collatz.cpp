// SPDX-License-Identifier: MIT
// Which number below a limit takes the most steps of "halve it if even, else 3n + 1" to reach 1?
#include <cstdint>
#include <ostream>

#include "taskrun/job/registry.hpp"

namespace {

struct Longest {
  std::uint64_t start = 0;
  std::uint64_t steps = 0;

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& start& steps;
  }
};

class Collatz {
 public:
  void params(taskrun::Params& params) {
    params.count("limit", limit_, "starting numbers are below this", 2, 1'000'000'000);
    params.example("--limit 1e6", "the longest way from below a million");
  }

  taskrun::Range dataset() const { return {1, limit_}; }

  Longest map(taskrun::Range part) const {
    Longest longest;
    for (std::uint64_t start = part.first(); start < part.past(); ++start) {
      const std::uint64_t steps = steps_from(start);
      if (longest.start == 0 || steps > longest.steps) longest = {start, steps};
    }
    return longest;
  }

  // The smaller start where two take as many steps.
  Longest reduce(Longest left, Longest right) const {
    return right.steps > left.steps ? right : left;
  }

  void print(const Longest& longest, std::ostream& out) const {
    out << longest.start << " takes " << longest.steps << " steps\n";
  }

 private:
  // Starts below 1e9 stay below 2^64 all the way.
  static std::uint64_t steps_from(std::uint64_t number) {
    std::uint64_t steps = 0;
    for (; number != 1; ++steps) number = number % 2 == 0 ? number / 2 : 3 * number + 1;
    return steps;
  }

  std::uint64_t limit_ = 1'000'000;
};

}  // namespace

TASKRUN_JOB(collatz, "find the number that takes the most steps to reach 1", Collatz)
