// SPDX-License-Identifier: MIT
#include "shared/expression.hpp"

#include <algorithm>
#include <array>
#include <boost/container/small_vector.hpp>
#include <cctype>
#include <cmath>

#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

using Step = Expression::Step;
using Operands = std::span<const Number>;

// --- functions and operators

template <Number (*operation)(const Number&, const Number&)>
Number two(Operands in) {
  return operation(in[0], in[1]);
}

// The same for whole numbers of 64 bits.
bool add_whole(std::int64_t* in) { return !__builtin_add_overflow(in[0], in[1], in); }
bool subtract_whole(std::int64_t* in) { return !__builtin_sub_overflow(in[0], in[1], in); }
bool multiply_whole(std::int64_t* in) { return !__builtin_mul_overflow(in[0], in[1], in); }
bool negate_whole(std::int64_t* in) { return !__builtin_sub_overflow(0, in[0], in); }
bool power_whole(std::int64_t* in) {
  if (in[1] < 0 || in[1] > 63) return false;
  std::int64_t result = 1;
  for (std::int64_t i = 0; i < in[1]; ++i) {
    if (__builtin_mul_overflow(result, in[0], &result)) return false;
  }
  in[0] = result;
  return true;
}
bool modulo_whole(std::int64_t* in) {
  if (in[1] <= 0) return false;
  const std::int64_t rest = in[0] % in[1];
  in[0] = rest < 0 ? rest + in[1] : rest;
  return true;
}
bool floor_divide_whole(std::int64_t* in) {
  if (in[1] <= 0) return false;
  in[0] = in[0] / in[1] - (in[0] % in[1] < 0 ? 1 : 0);
  return true;
}
template <class Relation>
bool related_whole(std::int64_t* in) {
  in[0] = Relation{}(in[0], in[1]);
  return true;
}

template <class Relation>
Number related(Operands in) {
  return std::int64_t{Relation{}(compare(in[0], in[1]), 0)};
}

bool is_true(const Number& number) { return compare(number, std::int64_t{0}) != 0; }
Number inverse(Operands in) { return std::int64_t{!is_true(in[0])}; }
Number negated(Operands in) { return negate(in[0]); }

Number absolute(Operands in) {
  if (!is_whole(in[0])) return std::fabs(as_double(in[0]));
  return compare(in[0], std::int64_t{0}) < 0 ? negate(in[0]) : in[0];
}
Number smaller(Operands in) { return compare(in[1], in[0]) < 0 ? in[1] : in[0]; }
Number larger(Operands in) { return compare(in[1], in[0]) > 0 ? in[1] : in[0]; }

// Where a function has no value, or one beyond doubles, nothing comes of it.
template <double (*function)(double)>
Number real(Operands in) {
  const double operand = as_finite_double(in[0]);
  const double value = function(operand);
  if (std::isfinite(operand) ? std::isfinite(value) : !std::isnan(value)) return value;
  throw ArithmeticFailure("a function of " + text_of(in[0]) + " that has no value there");
}

// Doubles become whole numbers; whole numbers are round.
template <double (*round)(double)>
Number rounded(Operands in) {
  if (is_whole(in[0])) return in[0];
  const double value = round(as_double(in[0]));
  if (!std::isfinite(value)) throw ArithmeticFailure("an infinite number cannot be rounded");
  return whole_of(value);
}

struct Function {
  std::string_view name;
  std::size_t operand_count;
  Step::Apply apply;
};
constexpr Function functions[] = {{"abs", 1, absolute},
                                  {"ceil", 1, rounded<std::ceil>},
                                  {"cos", 1, real<std::cos>},
                                  {"exp", 1, real<std::exp>},
                                  {"floor", 1, rounded<std::floor>},
                                  {"log", 1, real<std::log>},
                                  {"log10", 1, real<std::log10>},
                                  {"max", 2, larger},
                                  {"min", 2, smaller},
                                  {"round", 1, rounded<std::nearbyint>},
                                  {"sin", 1, real<std::sin>},
                                  {"sqrt", 1, real<std::sqrt>},
                                  {"tan", 1, real<std::tan>}};

struct Operator {
  std::string_view sign;
  int precedence;     // higher binds tighter
  Step::Apply apply;  // null: what stands on the right may not be computed
  Step::ApplyWhole apply_whole = nullptr;
};
// Signs of two characters before those that they begin with.
constexpr Operator operators[] = {
    {"||", 1, nullptr},
    {"&&", 2, nullptr},
    {"<=", 3, related<std::less_equal<int>>, related_whole<std::less_equal<>>},
    {">=", 3, related<std::greater_equal<int>>, related_whole<std::greater_equal<>>},
    {"==", 3, related<std::equal_to<int>>, related_whole<std::equal_to<>>},
    {"!=", 3, related<std::not_equal_to<int>>, related_whole<std::not_equal_to<>>},
    {"<", 3, related<std::less<int>>, related_whole<std::less<>>},
    {">", 3, related<std::greater<int>>, related_whole<std::greater<>>},
    {"+", 4, two<add>, add_whole},
    {"-", 4, two<subtract>, subtract_whole},
    {"**", 6, two<power>, power_whole},
    {"^", 6, two<power>, power_whole},
    {"*", 5, two<multiply>, multiply_whole},
    {"//", 5, two<floor_divide>, floor_divide_whole},
    {"/", 5, two<divide>},
    {"%", 5, two<modulo>, modulo_whole}};
constexpr int comparison_precedence = 3;
constexpr int power_precedence = 6;

// Deeper nesting is refused: each level takes room on the stack of the thread.
constexpr int deepest = 200;

// --- the reader: one function a level, by precedence climbing

class Reader {
 public:
  Reader(std::string_view text, const std::vector<std::string>& variables)
      : text_(text), rest_(text), variables_(variables) {}

  std::vector<Step> read() {
    read_choice();
    if (skip_space(); !rest_.empty()) fail("an operator is missing");
    return std::move(steps_);
  }

 private:
  void read_choice() {
    if (++depth_ > deepest) fail("too many brackets lie in one another");
    read_binary(1);
    // Only what is chosen is computed: b == 0 ? 0 : a / b.
    if (take("?")) {
      const auto to_second = push_jump(Step::Jump::if_false);
      read_choice();
      require(":");
      const auto to_end = push_jump(Step::Jump::always);
      land(to_second);
      read_choice();
      land(to_end);
    }
    --depth_;
  }

  // Operators that bind at least as tightly.
  void read_binary(int precedence) {
    read_signed();
    bool compared = false;
    while (const Operator* found = next_operator(precedence)) {
      // Of a < b < c mathematics, Python and C make different things.
      const bool compares = found->precedence == comparison_precedence;
      if (compared && compares) fail("comparisons make no chain: write a < b && b < c");
      compared = compares;
      rest_.remove_prefix(found->sign.size());
      if (found->apply == nullptr) {
        read_condition(*found);
        continue;
      }
      // a^b^c is a^(b^c); all others go from left to right.
      read_binary(found->precedence == power_precedence ? power_precedence : found->precedence + 1);
      push(found->apply, 2, found->apply_whole);
    }
  }

  // What follows && or ||, which is computed only if it matters.
  void read_condition(const Operator& found) {
    const bool is_and = found.sign == "&&";
    const auto first_is_false = push_jump(Step::Jump::if_false);
    std::size_t first_is_true = 0;
    if (!is_and) {
      push_constant(std::int64_t{1});
      first_is_true = push_jump(Step::Jump::always);
      land(first_is_false);
    }
    read_binary(found.precedence + 1);
    push(inverse, 1);
    push(inverse, 1);
    const auto to_end = is_and ? push_jump(Step::Jump::always) : first_is_true;
    if (is_and) {
      land(first_is_false);
      push_constant(std::int64_t{0});
    }
    land(to_end);
  }

  const Operator* next_operator(int precedence) {
    skip_space();
    const auto found = std::find_if(std::begin(operators), std::end(operators),
                                    [&](const auto& one) { return rest_.starts_with(one.sign); });
    return found != std::end(operators) && found->precedence >= precedence ? found : nullptr;
  }

  void read_signed() {
    if (++depth_ > deepest) fail("too many signs follow one another");
    if (take("-")) {
      // -a^b is -(a^b).
      read_binary(power_precedence);
      push(negated, 1, negate_whole);
    } else if (take("!")) {
      read_signed();
      push(inverse, 1);
    } else if (!take("+")) {
      read_operand();
    } else {
      read_signed();
    }
    --depth_;
  }

  void read_operand() {
    skip_space();
    if (take("(")) {
      read_choice();
      require(")");
    } else if (take("`")) {
      const auto end = rest_.find('`');
      if (end == rest_.npos) fail("a ` is missing");
      push_variable(rest_.substr(0, end));
      rest_.remove_prefix(end + 1);
    } else if (!rest_.empty() && (is_digit(rest_[0]) || rest_[0] == '.')) {
      read_number();
    } else {
      read_name();
    }
  }

  void read_number() {
    std::size_t size = 0;
    while (size < rest_.size() &&
           (is_digit(rest_[size]) || rest_[size] == '.' || is_exponent(size))) {
      ++size;
    }
    try {
      push_constant(number_from(rest_.substr(0, size)));
    } catch (const std::invalid_argument& failure) {
      fail(std::string("this is ") + failure.what());
    }
    rest_.remove_prefix(size);
  }

  // e or E after a digit, and the sign after it.
  bool is_exponent(std::size_t at) const {
    const auto is_e = [&](std::size_t i) { return rest_[i] == 'e' || rest_[i] == 'E'; };
    return is_e(at) || ((rest_[at] == '-' || rest_[at] == '+') && at > 0 && is_e(at - 1));
  }

  void read_name() {
    std::size_t size = 0;
    while (size < rest_.size() && is_name(rest_[size])) ++size;
    if (size == 0) fail(rest_.empty() ? "something is missing at the end" : "this cannot be read");
    const auto name = rest_.substr(0, size);
    const auto function = std::find_if(std::begin(functions), std::end(functions),
                                       [&](const auto& one) { return one.name == name; });
    const auto after = rest_.substr(size).find_first_not_of(' ');
    const bool is_call = after != rest_.npos && rest_[size + after] == '(';
    if (!is_call || function == std::end(functions)) return push_variable(take_front(size));
    take_front(size);
    require("(");
    for (std::size_t i = 0; i < function->operand_count; ++i) {
      if (i > 0) require(",");
      read_choice();
    }
    require(")");
    push(function->apply, function->operand_count);
  }

  void push(Step::Apply apply, std::size_t operand_count, Step::ApplyWhole apply_whole = nullptr) {
    steps_.push_back({apply, apply_whole, operand_count, 0, {}});
  }
  void push_constant(Number number) {
    steps_.push_back({nullptr, nullptr, 1, 0, std::move(number)});
  }
  // Returns its place; land() says where it goes.
  std::size_t push_jump(Step::Jump jump) {
    Step step;
    step.jump = jump;
    steps_.push_back(std::move(step));
    return steps_.size() - 1;
  }
  void land(std::size_t jump) { steps_[jump].target = steps_.size(); }
  void push_variable(std::string_view name) {
    const auto found = std::find(variables_.begin(), variables_.end(), name);
    if (found == variables_.end()) {
      throw usage_error("'" + std::string(text_) + "': there is no '" + std::string(name) +
                        "'; known names: " + known_names());
    }
    if (std::count(found, variables_.end(), name) > 1) {
      throw usage_error("'" + std::string(text_) + "': several columns are named '" +
                        std::string(name) + "'; give all but one another name");
    }
    steps_.push_back(
        {nullptr, nullptr, 0, static_cast<std::size_t>(found - variables_.begin()), {}});
  }

  std::string known_names() const {
    std::string names;
    for (const auto& name : variables_) names += (names.empty() ? "" : ", ") + name;
    return names;
  }

  bool take(std::string_view sign) {
    skip_space();
    if (!rest_.starts_with(sign)) return false;
    rest_.remove_prefix(sign.size());
    return true;
  }
  void require(std::string_view sign) {
    if (!take(sign)) fail("a " + std::string(sign) + " is missing");
  }
  std::string_view take_front(std::size_t size) {
    const auto front = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return front;
  }
  void skip_space() {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw usage_error("'" + std::string(text_) + "', character " +
                      std::to_string(text_.size() - rest_.size() + 1) + ": " + what);
  }
  static bool is_digit(char c) { return '0' <= c && c <= '9'; }
  // Letters of other alphabets are bytes from 0x80 on.
  static bool is_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & 0x80) != 0;
  }

  std::string_view text_;
  std::string_view rest_;
  const std::vector<std::string>& variables_;
  std::vector<Step> steps_;
  int depth_ = 0;
};

}  // namespace

Expression::Expression(std::string_view text, const std::vector<std::string>& variables)
    : steps_(Reader(text, variables).read()), may_be_whole_(may_be_whole()) {
  for (const auto& step : steps_) {
    if (step.reads_variable()) used_.push_back(step.variable);
  }
  std::sort(used_.begin(), used_.end());
  used_.erase(std::unique(used_.begin(), used_.end()), used_.end());
}

// Steps that whole() can do, and that its stack has room for.
constexpr std::size_t most_whole_steps = 64;

bool Expression::may_be_whole() const {
  return steps_.size() <= most_whole_steps &&
         std::all_of(steps_.begin(), steps_.end(), [](const Step& step) {
           if (step.apply != nullptr) return step.apply_whole != nullptr;
           if (step.jump != Step::Jump::none) return false;
           return step.operand_count == 0 || std::holds_alternative<std::int64_t>(step.constant);
         });
}

std::optional<std::int64_t> Expression::whole(std::span<const std::int64_t> values) const {
  if (!may_be_whole_) return std::nullopt;
  std::array<std::int64_t, most_whole_steps> stack;
  std::size_t top = 0;
  for (const auto& step : steps_) {
    if (step.apply != nullptr) {
      top -= step.operand_count;
      if (!step.apply_whole(&stack[top])) return std::nullopt;
    } else {
      stack[top] = step.operand_count == 0 ? values[step.variable]
                                           : *std::get_if<std::int64_t>(&step.constant);
    }
    ++top;
  }
  return stack[0];
}

Number Expression::operator()(std::span<const Number> values) const {
  // Most expressions are short, and allocate nothing.
  boost::container::small_vector<Number, 8> stack;
  for (std::size_t next = 0; next < steps_.size();) {
    const Step& step = steps_[next++];
    if (step.jump != Step::Jump::none) {
      const bool jumps = step.jump == Step::Jump::always || !is_true(stack.back());
      if (step.jump == Step::Jump::if_false) stack.pop_back();
      if (jumps) next = step.target;
      continue;
    }
    if (step.apply == nullptr) {
      stack.push_back(step.reads_variable() ? values[step.variable] : step.constant);
      continue;
    }
    const std::size_t bottom = stack.size() - step.operand_count;
    Number result = step.apply({stack.data() + bottom, step.operand_count});
    stack.resize(bottom);
    stack.push_back(std::move(result));
  }
  return std::move(stack.front());
}

}  // namespace taskrun
