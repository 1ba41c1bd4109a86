// SPDX-License-Identifier: MIT
#include "taskrun/core/suggestion.hpp"

#include <gtest/gtest.h>

namespace taskrun {
namespace {

TEST(SuggestionTest, slips_of_the_keyboard_cost_one_each) {
  EXPECT_EQ(edit_distance("sieve", "sieve"), 0U);
  EXPECT_EQ(edit_distance("seive", "sieve"), 1U);   // two swapped
  EXPECT_EQ(edit_distance("sive", "sieve"), 1U);    // one missing
  EXPECT_EQ(edit_distance("sieeve", "sieve"), 1U);  // one too many
  EXPECT_EQ(edit_distance("siebe", "sieve"), 1U);   // one wrong
  EXPECT_EQ(edit_distance("", "abc"), 3U);
}

TEST(SuggestionTest, the_nearest_name_is_suggested) {
  EXPECT_EQ(suggestion("sive", {"words", "sieve"}), "; did you mean 'sieve'?");
}

TEST(SuggestionTest, a_beginning_is_enough) {
  EXPECT_EQ(nearest("des", {"list", "describe"}), "describe");
}

TEST(SuggestionTest, dashes_make_a_name_no_nearer) {
  EXPECT_EQ(nearest("--nice", {"--pipe"}), "");
  EXPECT_EQ(nearest("--halt", {"--help"}), "");
  EXPECT_EQ(nearest("--itms", {"--items"}), "--items");
  EXPECT_EQ(nearest("--", {"--items"}), "");
  EXPECT_EQ(nearest("-x", {"--tx"}), "");
}

TEST(SuggestionTest, another_word_is_no_slip) { EXPECT_EQ(suggestion("banana", {"sieve"}), ""); }

}  // namespace
}  // namespace taskrun
