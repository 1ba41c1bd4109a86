// SPDX-License-Identifier: MIT
#include "app/cli/failure.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <new>
#include <string>

#include "app/output.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/os/system_failure.hpp"
#include "taskrun/os/write_all.hpp"
#include "taskrun/report/console.hpp"

namespace taskrun {
namespace {

int tell(std::string text, ExitCode code, Secrets secrets) {
  // One line, whatever a library put into its message.
  std::replace(text.begin(), text.end(), '\n', ' ');
  Console(STDERR_FILENO, std::nullopt, secrets).line(text);
  return static_cast<int>(code);
}

// Told without any.
int tell_out_of_memory() {
  write_all(STDERR_FILENO,
            "taskrun: out of memory; use fewer threads or smaller chunks, or raise ulimit -v\n");
  return static_cast<int>(ExitCode::environment);
}

int tell_whatever(const std::exception_ptr& failure, Secrets secrets) {
  try {
    std::rethrow_exception(failure);
  } catch (const ReaderGone&) {
    return static_cast<int>(ExitCode::complete);
  } catch (const Error& error) {
    return tell(error.what(), error.code(), secrets);
  } catch (const std::bad_alloc&) {
    return tell_out_of_memory();
  } catch (const std::filesystem::filesystem_error& error) {
    return tell("cannot use " + error.path1().string() + ": " + system_reason(error.code().value()),
                ExitCode::environment, secrets);
  } catch (const std::exception& error) {
    return tell(error.what(), ExitCode::environment, secrets);
  } catch (...) {
    return tell("something was thrown that is not a std::exception", ExitCode::environment,
                secrets);
  }
}

}  // namespace

int tell_failure(const std::exception_ptr& failure, Secrets secrets) {
  try {
    return tell_whatever(failure, secrets);
  } catch (const std::bad_alloc&) {
    return tell_out_of_memory();
  }
}

}  // namespace taskrun
