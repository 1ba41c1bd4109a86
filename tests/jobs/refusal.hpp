// SPDX-License-Identifier: MIT
// What a job says of input that it refuses: one line, as bad usage.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "taskrun/core/error.hpp"

namespace taskrun::testing {

/// The text of the Error (usage) that act() throws; "not refused" where it throws nothing.
template <class Act>
std::string refusal_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage) << error.what();
    const std::string text = error.what();
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    return text;
  }
  return "not refused";
}

}  // namespace taskrun::testing
