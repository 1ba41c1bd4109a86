// SPDX-License-Identifier: MIT
// Expressions over named numbers, such as `feature1^5 + 2*i`: read once, then computed for each row
// or item. Whole numbers are exact (number.hpp), which is why no library for doubles reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/number.hpp"

namespace taskrun {

/// In the order of their precedence, the loosest first: c ? a : b; ||; &&; < <= > >= == !=; + -;
/// * / // %; - !; ^ or **. Functions: abs, ceil, cos, exp, floor, log, log10, max, min, round, sin,
/// sqrt, tan. Names that are no words are written in `backquotes`.
///
/// All mean what they mean in Python (as number.hpp says), where ^ is a power, a comparison is 1 or
/// 0, and so are !, && and ||. Of c ? a : b only one is computed, of && and || the right side only
/// where it matters. Comparisons make no chains. A function fails where it has no value.
class Expression {
 public:
  /// Throws Error (usage), which shows the text and the place in it.
  Expression(std::string_view text, const std::vector<std::string>& variables);

  /// `values` are those of the variables, in their order; only those that are used() are looked at.
  /// Throws ArithmeticFailure. Any thread.
  Number operator()(std::span<const Number> values) const;
  /// The same, some ten times as fast, where all on the way are whole numbers of 64 bits; nothing
  /// where one is not.
  std::optional<std::int64_t> whole(std::span<const std::int64_t> values) const;
  /// The places of the variables that occur.
  const std::vector<std::size_t>& used() const { return used_; }

  /// A step takes its operands from the top of a stack and leaves its result there: public for the
  /// reader of expressions alone.
  struct Step {
    using Apply = Number (*)(std::span<const Number> operands);
    /// Changes the first operand to the result; false where that does not fit or is not whole.
    using ApplyWhole = bool (*)(std::int64_t* operands);
    enum class Jump { none, if_false, always };
    Apply apply = nullptr;             ///< null: pushes a constant or a variable, or jumps
    ApplyWhole apply_whole = nullptr;  ///< null: there is none
    std::size_t operand_count = 0;     ///< 0: a variable, if apply is null
    std::size_t variable = 0;
    Number constant;
    Jump jump = Jump::none;  ///< if_false takes what it looks at from the stack
    std::size_t target = 0;  ///< the step to go on with

    bool reads_variable() const {
      return apply == nullptr && operand_count == 0 && jump == Jump::none;
    }
  };

 private:
  bool may_be_whole() const;

  std::vector<Step> steps_;
  std::vector<std::size_t> used_;
  bool may_be_whole_;
};

}  // namespace taskrun
