// SPDX-License-Identifier: MIT
// How a run can end badly without a bug: one exception type, thrown where the trouble is seen and
// caught once, in main, which prints it as one line and ends with its exit code.
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace taskrun {

/// The exit codes of the program; part of its interface.
enum class ExitCode : int {
  complete = 0,
  usage = 2,          ///< bad options or bad input
  chunks_failed = 3,  ///< complete except for chunks that failed
  environment = 4,    ///< what the run stands on failed: a disk, a host, MPI
  stopped = 75,       ///< stopped early, can be resumed
};

/// Its text says what is wrong, why, and what to do, in one line without a full stop at the end.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& what) : std::runtime_error(what), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

inline Error usage_error(const std::string& what) { return {ExitCode::usage, what}; }
inline Error environment_error(const std::string& what) { return {ExitCode::environment, what}; }

/// The text of any exception.
inline std::string described(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception that is not a std::exception";
  }
}

}  // namespace taskrun
