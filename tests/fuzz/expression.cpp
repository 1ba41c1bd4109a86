// SPDX-License-Identifier: MIT
// shared/expression and shared/number: read, compute both ways.
#include "shared/expression.hpp"

#include "input.hpp"
#include "taskrun/core/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  static const std::vector<std::string> names{"a", "b", "i", "column b"};
  fuzz::Input in(data, size);
  std::vector<std::int64_t> whole{static_cast<std::int64_t>(in.number()), in.byte() - 128, 3, -7};
  std::vector<Number> values;
  for (const auto w : whole) values.emplace_back(w);
  const auto text = in.rest();
  try {
    const Expression expression(text, names);
    const auto fast = expression.whole(whole);
    try {
      const Number result = expression(values);
      const std::string shown = text_of(result);
      if (fast) FUZZ_REQUIRE(result == Number(*fast));
      if (is_whole(result)) FUZZ_REQUIRE(number_from(shown) == result);
      as_double(result);
    } catch (const ArithmeticFailure&) {
      FUZZ_REQUIRE(!fast);
    }
    values[0] = as_double(values[0]) / 3;
    text_of(expression(values));
  } catch (const ArithmeticFailure&) {
  } catch (const Error&) {
  }
  return 0;
}
