// SPDX-License-Identifier: MIT
// Square roots of squares: sqrt(i^2) for all i below a limit, which should give i again.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <ostream>

#include "taskrun/job/exact_sum.hpp"
#include "taskrun/job/number.hpp"
#include "taskrun/job/registry.hpp"

namespace {

struct Roots {
  taskrun::ExactSum sum;
  double max_error = 0;

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& sum& max_error;
  }
};

class RootsOfSquares {
 public:
  void params(taskrun::Params& params) {
    // Below 2^53 each i is a double.
    params.count("below", below_, "i goes from 0 to below this", 0, std::uint64_t{1} << 53);
    params.flag("list", list_, "write the roots, one a line, instead of adding them up");
    params.example("--below 1e8", "the roots of a hundred million squares");
    params.example("--below 10 --list", "the first ten");
  }

  taskrun::Range dataset() const { return {0, below_}; }
  bool emits() const { return list_; }

  Roots map(taskrun::Range part) const {
    Roots roots;
    for (std::uint64_t i = part.first(); i < part.past(); ++i) {
      const double found = root(i);
      roots.sum.add(found);
      roots.max_error = std::max(roots.max_error, std::abs(found - static_cast<double>(i)));
    }
    return roots;
  }

  Roots reduce(Roots left, const Roots& right) const {
    left.sum.add(right.sum);
    left.max_error = std::max(left.max_error, right.max_error);
    return left;
  }

  void emit(taskrun::Range part, taskrun::Output& out) const {
    for (std::uint64_t i = part.first(); i < part.past(); ++i)
      out << taskrun::shortest(root(i)) << '\n';
  }

  void print(const Roots& roots, std::ostream& out) const {
    out << "sum of sqrt(i^2) for i below " << below_ << ": " << taskrun::shortest(roots.sum.value())
        << ", largest error " << taskrun::shortest(roots.max_error) << '\n';
  }

  nlohmann::json json(const Roots& roots) const {
    return {{"below", below_}, {"sum", roots.sum.value()}, {"max_error", roots.max_error}};
  }

 private:
  static double root(std::uint64_t i) {
    return std::sqrt(static_cast<double>(taskrun::uint128{i} * i));
  }

  std::uint64_t below_ = 100'000;
  bool list_ = false;
};

}  // namespace

TASKRUN_JOB(roots, "take the square roots of squares, and see how exact they are", RootsOfSquares)
