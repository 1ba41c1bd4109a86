// SPDX-License-Identifier: MIT
// The sum of an expression in i over a range: exact where its values are whole, and else the double
// nearest to the sum of its values, whatever the grid.
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>

#include "shared/expression.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/job/exact_sum.hpp"
#include "taskrun/job/registry.hpp"

namespace {

struct Total {
  taskrun::Number whole = std::int64_t{0};
  taskrun::ExactSum reals;
  std::uint64_t real_count = 0;

  void add(const taskrun::Number& value) {
    if (taskrun::is_whole(value)) {
      whole = taskrun::add(whole, value);
    } else {
      reals.add(std::get<double>(value));
      ++real_count;
    }
  }

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    std::string digits = taskrun::text_of(whole);
    archive& digits& reals& real_count;
    whole = taskrun::number_from(digits);
  }
};

class Sum {
 public:
  void params(taskrun::Params& params) {
    params.text("of", of_, "the expression: i with + - * / // % ^, comparisons, sqrt, sin, max, …");
    params.count("from", from_, "the first i", 0, INT64_MAX);
    params.count("below", below_, "i goes to below this", 0, INT64_MAX);
    params.example("--of 'i*i' --below 1e7", "squares, exactly");
    params.example("--of '1/i^2' --from 1 --below 1e7", "nearly pi^2/6");
  }

  void check() const {
    if (from_ > below_) {
      throw taskrun::usage_error("--from " + std::to_string(from_) + " is above --below " +
                                 std::to_string(below_) + ": give a first i that is not");
    }
    expression();
  }

  taskrun::Range dataset() const { return {from_, below_}; }

  Total map(taskrun::Range part) const {
    const taskrun::Expression of = expression();
    Total total;
    std::int64_t small = 0;  // what can be added up the fast way
    for (std::uint64_t i = part.first(); i < part.past(); ++i) {
      const auto number = static_cast<std::int64_t>(i);
      const auto value = of.whole({&number, 1});
      std::int64_t sum = 0;
      if (!value) {
        total.add(exact_value(of, number));
      } else if (!__builtin_add_overflow(small, *value, &sum)) {
        small = sum;
      } else {
        total.add(std::exchange(small, *value));
      }
    }
    total.add(small);
    return total;
  }

  Total reduce(Total left, const Total& right) const {
    left.whole = taskrun::add(left.whole, right.whole);
    left.reals.add(right.reals);
    left.real_count += right.real_count;
    return left;
  }

  void print(const Total& total, std::ostream& out) const {
    out << "sum of " << of_ << " for i from " << from_ << " to below " << below_ << ": "
        << taskrun::text_of(value(total)) << '\n';
  }

  nlohmann::json json(const Total& total) const {
    const auto sum = value(total);
    nlohmann::json all = {{"of", of_}, {"from", from_}, {"below", below_}};
    all["exact"] = taskrun::is_whole(sum);
    // Every reader of JSON takes numbers up to 2^53 as they are (RFC 8259, 6); larger ones are
    // texts.
    constexpr std::int64_t most = std::int64_t{1} << 53;
    const auto* const small = std::get_if<std::int64_t>(&sum);
    if (small != nullptr && -most <= *small && *small <= most) {
      all["sum"] = *small;
    } else if (taskrun::is_whole(sum)) {
      all["sum"] = taskrun::text_of(sum);
    } else {
      all["sum"] = taskrun::as_double(sum);
    }
    return all;
  }

 private:
  static taskrun::Number exact_value(const taskrun::Expression& of, std::int64_t i) {
    const taskrun::Number number = i;
    try {
      return of({&number, 1});
    } catch (const taskrun::ArithmeticFailure& failure) {
      throw std::runtime_error("i = " + std::to_string(i) + ": " + failure.what());
    }
  }

  taskrun::Expression expression() const { return {of_, {"i"}}; }

  // A double as soon as one value was.
  static taskrun::Number value(const Total& total) {
    if (total.real_count == 0) return total.whole;
    taskrun::ExactSum sum = total.reals;
    // In parts that are doubles: nothing is rounded before the end.
    for (taskrun::Number rest = total.whole; taskrun::compare(rest, std::int64_t{0}) != 0;) {
      const double part = taskrun::as_double(rest);
      sum.add(part);
      if (std::isinf(part)) break;
      rest = taskrun::subtract(rest, taskrun::whole_of(part));
    }
    return sum.value();
  }

  std::string of_ = "i*i";
  std::uint64_t from_ = 0;
  std::uint64_t below_ = 1'000'000;
};

}  // namespace

TASKRUN_JOB(sum, "add up an expression in i over a range", Sum)
