// SPDX-License-Identifier: MIT
// The sum of the primes up to each of several limits, by trial division: tasks that cost more the
// further they are, for learning how a run evens them out. The job sieve has the fast way.
#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <ostream>
#include <vector>

#include "taskrun/job/exact.hpp"
#include "taskrun/job/registry.hpp"

namespace {

// One sum for each limit. Primes below 2^32 add up to less than 2^64.
using Sums = std::vector<std::uint64_t>;

class PrimeSum {
 public:
  void params(taskrun::Params& params) {
    // Above 2^32 trial division takes weeks.
    params.counts("limits", limits_, "the last numbers of the sums", 0, 4'294'967'295);
    params.example("--limits 1e6,2e6,3e6", "three sums in one run");
  }

  taskrun::Range dataset() const {
    return {0, *std::max_element(limits_.begin(), limits_.end()) + 1};
  }

  Sums map(taskrun::Range part) const {
    Sums sums(limits_.size());
    for (std::uint64_t number = part.first(); number < part.past(); ++number) {
      if (!is_prime(number)) continue;
      for (std::size_t i = 0; i < limits_.size(); ++i) {
        if (number <= limits_[i]) sums[i] += number;
      }
    }
    return sums;
  }

  Sums reduce(Sums left, const Sums& right) const {
    std::transform(left.begin(), left.end(), right.begin(), left.begin(), std::plus<>());
    return left;
  }

  void print(const Sums& sums, std::ostream& out) const {
    for (std::size_t i = 0; i < sums.size(); ++i) {
      out << "sum of primes <= " << limits_[i] << ": " << sums[i] << '\n';
    }
  }

  nlohmann::json json(const Sums& sums) const {
    nlohmann::json all = nlohmann::json::array();
    for (std::size_t i = 0; i < sums.size(); ++i) {
      all.push_back({{"limit", limits_[i]}, {"sum", taskrun::exact(sums[i])}});
    }
    return all;
  }

 private:
  // All primes above 3 are 6k - 1 or 6k + 1, so only such numbers are tried as divisors.
  static bool is_prime(std::uint64_t number) {
    if (number < 4) return number > 1;
    if (number % 2 == 0 || number % 3 == 0) return false;
    const auto small = static_cast<std::uint32_t>(number);  // divides in half the time
    for (std::uint32_t divisor = 5; std::uint64_t{divisor} * divisor <= number; divisor += 6) {
      if (small % divisor == 0 || small % (divisor + 2) == 0) return false;
    }
    return true;
  }

  std::vector<std::uint64_t> limits_{1'000'000, 2'000'000, 3'000'000};
};

}  // namespace

TASKRUN_JOB(primesum, "add up the primes to each of several limits, by trial division", PrimeSum)
