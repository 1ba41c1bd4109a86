// SPDX-License-Identifier: MIT
// Why a program that is there could not be started.
#pragma once

#include <string>

namespace taskrun {

/// What the system means by the errno that execve gave for this file: "its interpreter /bin/shh is
/// missing"; for what is no matter of an interpreter the system's own words.
std::string why_not_started(const std::string& path, int error);

}  // namespace taskrun
