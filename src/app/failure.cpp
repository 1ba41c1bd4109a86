// SPDX-License-Identifier: MIT
#include "app/failure.hpp"

#include <unistd.h>

#include <algorithm>
#include <new>
#include <string>

#include "app/output.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/report/console.hpp"

namespace taskrun {
namespace {

int tell(std::string text, ExitCode code) {
  // One line, whatever a library put into its message.
  std::replace(text.begin(), text.end(), '\n', ' ');
  Console(STDERR_FILENO, std::nullopt).line(text);
  return static_cast<int>(code);
}

}  // namespace

int tell_failure(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const ReaderGone&) {
    return static_cast<int>(ExitCode::complete);
  } catch (const Error& error) {
    return tell(error.what(), error.code());
  } catch (const std::bad_alloc&) {
    return tell("out of memory; use fewer threads or smaller chunks", ExitCode::environment);
  } catch (const std::exception& error) {
    return tell(error.what(), ExitCode::environment);
  } catch (...) {
    return tell("something was thrown that is not a std::exception", ExitCode::environment);
  }
}

}  // namespace taskrun
