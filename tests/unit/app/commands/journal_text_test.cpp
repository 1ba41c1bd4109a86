// SPDX-License-Identifier: MIT
#include "app/commands/journal_text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace taskrun::testing {
namespace {

TEST(JournalTextTest, a_time_that_no_calendar_has_is_unknown) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  EXPECT_NE(time_text(0).find("19"), std::string::npos);
  for (const double seconds :
       {-1.0, 1e300, -1e300, infinite, -infinite, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(time_text(seconds), "an unknown time");
  }
}

TEST(JournalTextTest, a_process_ends_with_a_code_or_a_signal) {
  using How = ProcessEnd::How;
  EXPECT_EQ(end_text({}), "");
  EXPECT_EQ(end_text({How::exited, 3}), "3");
  EXPECT_EQ(end_text({How::killed, 9}), "SIGKILL");
  EXPECT_EQ(end_text({How::killed, -5}), "signal -5");
}

}  // namespace
}  // namespace taskrun::testing
