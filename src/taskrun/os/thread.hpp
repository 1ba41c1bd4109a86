// SPDX-License-Identifier: MIT
// How threads are begun: one that cannot start is a shortage that says what it was for.
#pragma once

#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "taskrun/os/system_failure.hpp"

namespace taskrun {

/// `purpose` ends the sentence "cannot start a thread …". Throws Shortage.
template <class Body>
std::thread start_thread(const std::string& purpose, Body body) {
  try {
    return std::thread(std::move(body));
  } catch (const std::system_error& error) {
    throw_system_failure("start a thread " + purpose, error.code().value());
  }
}

}  // namespace taskrun
