// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <limits>

#include "taskrun/job/context.hpp"

namespace taskrun {
namespace {

__extension__ using Widest = __int128;

TEST(OutputTextTest, numbers_of_every_width_are_written_whole) {
  std::string text;
  Output(text) << std::numeric_limits<std::uint64_t>::max() << ' '
               << std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(text, "18446744073709551615 -9223372036854775808");
}

TEST(OutputTextTest, numbers_of_128_bits_are_written_whole) {
  std::string text;
  Output(text) << std::numeric_limits<Widest>::min();
  EXPECT_EQ(text, "-170141183460469231731687303715884105728");
}

}  // namespace
}  // namespace taskrun
