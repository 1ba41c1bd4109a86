// SPDX-License-Identifier: MIT
#include "sleep/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "taskrun/core/error.hpp"
#include "taskrun/job/number.hpp"

namespace taskrun {
namespace {

struct Kind {
  std::string_view name;
  std::size_t number_count;
};
constexpr Kind kinds[] = {{"constant", 1}, {"uniform", 2},   {"exponential", 1},
                          {"normal", 2},   {"lognormal", 2}, {"pareto", 2}};

// Box and Muller.
double standard_normal(double first, double second) {
  return std::sqrt(-2 * std::log(first)) * std::cos(2 * std::numbers::pi * second);
}

// The numbers between the brackets; empty where one of them is none.
std::vector<double> numbers_in(std::string_view text) {
  std::vector<double> numbers;
  while (true) {
    const auto comma = std::min(text.find(','), text.size());
    auto one = text.substr(0, comma);
    while (one.starts_with(' ')) one.remove_prefix(1);
    const auto number = parse_real(one);
    if (!number) return {};
    numbers.push_back(*number);
    if (comma == text.size()) return numbers;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

Distribution::Distribution(std::string_view option, std::string_view text) : kind_("constant") {
  const auto bracket = text.find('(');
  if (bracket == text.npos) {
    numbers_ = numbers_in(text);
  } else if (text.ends_with(')')) {
    kind_ = text.substr(0, bracket);
    numbers_ = numbers_in(text.substr(bracket + 1, text.size() - bracket - 2));
  }
  const auto known = std::find_if(std::begin(kinds), std::end(kinds),
                                  [&](const Kind& kind) { return kind.name == kind_; });
  if (known != std::end(kinds) && known->number_count == numbers_.size()) return;
  throw usage_error(std::string(option) + " " + std::string(text) +
                    ": expected seconds, such as 0.1, uniform(0.1,0.5), exponential(1), "
                    "normal(1,0.2), lognormal(0,1) or pareto(2,0.1)");
}

double Distribution::at(double first, double second) const {
  const double a = numbers_[0];
  const double b = numbers_.back();
  double value = a;
  if (kind_ == "uniform") value = a + (b - a) * first;
  if (kind_ == "exponential") value = -a * std::log(first);
  if (kind_ == "normal") value = a + b * standard_normal(first, second);
  if (kind_ == "lognormal") value = std::exp(a + b * standard_normal(first, second));
  if (kind_ == "pareto") value = b / std::pow(first, 1 / a);
  return value > 0 ? value : 0;
}

}  // namespace taskrun
