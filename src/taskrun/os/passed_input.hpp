// SPDX-License-Identifier: MIT
// Standard input, of which a process has one: whether the run reads it, and what a launcher passes
// on to this process through a pipe. It closes the pipe also where it ends the run, or dies: what
// had come until then is not all of the input.
#pragma once

#include <sys/types.h>

#include <string_view>

#include "taskrun/core/time.hpp"

namespace taskrun {

/// By whoever begins to read standard input: another run of the same needs it again.
void note_input_is_read();
bool input_is_read();
/// Whether the path is standard input by another name, such as /dev/stdin.
bool is_standard_input(std::string_view path);

/// From now on standard input is this launcher's to pass on. Once, before there are threads and
/// before input is read; handles SIGCONT.
void expect_input_from(pid_t launcher);

/// For what looked like the end of standard input at that time: after how long it will be known to
/// be one, if nothing else happens till then (a SIGTERM, most likely); zero when it is. A launcher
/// that ends a run closes the pipe, sends SIGCONT at once and SIGTERM a second later (Open MPI 4.1,
/// orte/mca/odls/base/odls_base_default_fns.c). Throws Error (environment) where it is dying.
Duration doubt_about_input_end(Time seen);

/// Waits until there is no doubt. Throws likewise.
void await_input_end();

}  // namespace taskrun
