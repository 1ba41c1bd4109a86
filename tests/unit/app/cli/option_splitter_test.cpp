// SPDX-License-Identifier: MIT
#include "app/cli/option_splitter.hpp"

#include <gtest/gtest.h>

#include "taskrun/core/error.hpp"

namespace taskrun::testing {
namespace {

using Words = std::vector<std::string>;

std::vector<Param> some_params() {
  Param quiet{"quiet", "", "", "", "", nullptr, nullptr};
  quiet.letter = 'q';
  Param zero{"zero", "", "", "", "", nullptr, nullptr};
  zero.letter = '0';
  Param threads{"threads", "", "N", "", "", nullptr, nullptr};
  threads.letter = 'j';
  return {quiet, zero, threads, {"name", "", "TEXT", "", "", nullptr, nullptr}};
}

SplitArguments split(const Words& arguments) { return split_arguments(arguments, some_params()); }

std::string refused_split(const Words& arguments) {
  try {
    split(arguments);
  } catch (const Error& error) {
    return error.what();
  }
  return "not refused";
}

TEST(OptionSplitterTest, a_value_follows_or_is_tied_to_its_option) {
  for (const Words& arguments : {Words{"--threads", "4"}, {"--threads=4"}, {"-j", "4"}, {"-j4"}}) {
    const auto found = split(arguments);
    EXPECT_EQ(found.values[2], Words{"4"});
    EXPECT_TRUE(found.rest.empty());
  }
  EXPECT_EQ(split({"--name="}).values[3], Words{""});
  EXPECT_EQ(split({"--name=a=b"}).values[3], Words{"a=b"});
}

TEST(OptionSplitterTest, a_value_may_look_like_anything) {
  EXPECT_EQ(split({"--name", "-q", "--name", "--"}).values[3], (Words{"-q", "--"}));
  EXPECT_EQ(split({"--name", "--threads", "-j", "-5"}).values[2], Words{"-5"});
}

TEST(OptionSplitterTest, flags_may_share_a_dash_also_with_an_option_at_their_end) {
  const auto found = split({"-q0j4", "-q"});
  EXPECT_EQ(found.values[0].size(), 2U);
  EXPECT_EQ(found.values[1].size(), 1U);
  EXPECT_EQ(found.values[2], Words{"4"});
  EXPECT_EQ(split({"-qj", "4"}).values[2], Words{"4"});
}

TEST(OptionSplitterTest, what_is_no_option_is_left_in_its_order) {
  EXPECT_EQ(split({"a", "-5", "-", "", "--quiet", "-Zq", "-qZ", "--nam", "--name-of=x"}).rest,
            (Words{"a", "-5", "-", "", "-Zq", "-Z", "--nam", "--name-of=x"}));
}

TEST(OptionSplitterTest, a_value_that_is_missing_or_too_many_is_named) {
  EXPECT_EQ(refused_split({"--name"}), "--name needs a value, and none follows");
  EXPECT_EQ(refused_split({"-qj"}), "--threads needs a value, and none follows");
  EXPECT_EQ(refused_split({"--quiet=yes"}),
            "--quiet takes no value; give it alone, or leave it out");
  EXPECT_EQ(refused_split({"-q=1"}), "--quiet takes no value; give it alone, or leave it out");
}

}  // namespace
}  // namespace taskrun::testing
