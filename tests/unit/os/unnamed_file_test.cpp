// SPDX-License-Identifier: MIT
#include "taskrun/os/unnamed_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace taskrun {
namespace {

TEST(UnnamedFileTest, files_are_equal_up_to_their_first_difference) {
  const Descriptor a = unnamed_file();
  const Descriptor b = unnamed_file();
  EXPECT_EQ(first_difference(a, b), std::nullopt);
  const std::string text(3'000'000, 'x');
  append(a, text);
  append(b, text);
  EXPECT_EQ(first_difference(a, b), std::nullopt);
  append(a, "1");
  EXPECT_EQ(first_difference(a, b), 3'000'000U);
  append(b, "2");
  EXPECT_EQ(first_difference(a, b), 3'000'000U);
}

TEST(UnnamedFileTest, a_file_is_read_again_from_anywhere) {
  const Descriptor file = unnamed_file();
  append(file, "hello");
  char read_back[8] = {};
  EXPECT_EQ(read(reopened(file, 2).fd(), read_back, sizeof read_back), 3);
  EXPECT_STREQ(read_back, "llo");
  EXPECT_EQ(read(reopened(file).fd(), read_back, sizeof read_back), 5);
}

}  // namespace
}  // namespace taskrun
