// SPDX-License-Identifier: MIT
// Random times written as people write them: 0.1, uniform(0.1,0.5), lognormal(0,1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taskrun {

/// A distribution of seconds.
class Distribution {
 public:
  /// A number, or one of constant(s), uniform(low,high), exponential(mean), normal(mean,deviation),
  /// lognormal(mu,sigma), pareto(shape,least). Throws Error (usage), which says `option` and the
  /// text, for anything else.
  Distribution(std::string_view option, std::string_view text);

  /// The value for two numbers drawn evenly from (0, 1). Never negative: cut off at 0.
  double at(double first, double second) const;

 private:
  std::string kind_;
  std::vector<double> numbers_;
};

}  // namespace taskrun
