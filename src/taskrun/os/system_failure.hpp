// SPDX-License-Identifier: MIT
// What the system refuses, told in one line: what was being done, to what, why not, and what helps.
#pragma once

#include <cerrno>
#include <string>

#include "taskrun/core/error.hpp"
#include "taskrun/os/descriptor.hpp"

namespace taskrun {

/// The system has no more of something here: processes, threads, descriptors, memory, disk. Other
/// hosts may have.
class Shortage : public Error {
 public:
  explicit Shortage(const std::string& what) : Error(ExitCode::environment, what) {}
};

bool is_shortage(int error);

/// "Too many open files; use fewer slots (-j) or raise ulimit -n": what the system said, and what
/// helps where that is known.
std::string system_reason(int error);

/// "cannot open a.txt: Too many open files; use fewer slots (-j) or raise ulimit -n"
std::string system_failure_text(const std::string& cannot_what, int error);

/// Throws Shortage where the errno says so, else Error (environment).
[[noreturn]] void throw_system_failure(const std::string& cannot_what, int error = errno);

/// Throws Shortage where the errno says so; what else is wrong is the caller's to tell.
void throw_if_short(const std::string& cannot_what, int error = errno);

/// The descriptor that a call of the system returned, if it is one.
Descriptor required(int fd, const std::string& cannot_what);

/// What rings a thread that sleeps in poll().
Descriptor make_event_descriptor();

}  // namespace taskrun
