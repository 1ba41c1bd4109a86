// SPDX-License-Identifier: MIT
#include "taskrun/os/passed_input.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "taskrun/core/error.hpp"
#include "taskrun/os/pipe.hpp"

namespace taskrun::testing {
namespace {

constexpr Duration none = Duration::zero();

// What it says holds for a whole process and its stdin, so for one of the test's own.
bool holds_in_own_process(const std::function<bool()>& condition) {
  const Pipe pipe = make_pipe();
  const pid_t process = fork();
  if (process == 0) {
    dup2(pipe.reader.fd(), STDIN_FILENO);
    _exit(condition() ? 0 : 1);
  }
  int status = 1;
  waitpid(process, &status, 0);
  return status == 0;
}

bool is_refused(Time seen) {
  try {
    static_cast<void>(doubt_about_input_end(seen));
  } catch (const Error& error) {
    return error.code() == ExitCode::environment;
  }
  return false;
}

TEST(PassedInputTest, an_end_is_one_where_nobody_passes_input_on) {
  EXPECT_TRUE(holds_in_own_process([] { return doubt_about_input_end(steady_now()) == none; }));
}

TEST(PassedInputTest, that_of_a_file_is_one) {
  EXPECT_TRUE(holds_in_own_process([] {
    const Descriptor file(open("/dev/null", O_RDONLY));
    dup2(file.fd(), STDIN_FILENO);
    expect_input_from(getppid());
    return doubt_about_input_end(steady_now()) == none;
  }));
}

TEST(PassedInputTest, that_of_a_launchers_pipe_is_one_a_moment_later) {
  EXPECT_TRUE(holds_in_own_process([] {
    expect_input_from(getppid());
    const Time seen = steady_now();
    return doubt_about_input_end(seen) > none &&
           doubt_about_input_end(seen - std::chrono::seconds(1)) == none;
  }));
}

TEST(PassedInputTest, a_signal_to_go_on_makes_the_doubt_longer) {
  EXPECT_TRUE(holds_in_own_process([] {
    expect_input_from(getppid());
    raise(SIGCONT);
    // Also one that came before the end was seen.
    return doubt_about_input_end(steady_now()) > std::chrono::seconds(2) &&
           doubt_about_input_end(steady_now() - std::chrono::seconds(1)) > std::chrono::seconds(2);
  }));
}

TEST(PassedInputTest, a_launcher_that_is_dead_was_not_at_the_end) {
  EXPECT_TRUE(holds_in_own_process([] {
    const pid_t launcher = fork();
    if (launcher == 0) {
      for (;;) pause();
    }
    expect_input_from(launcher);
    const bool refused_before = is_refused(steady_now());
    kill(launcher, SIGKILL);
    siginfo_t ended{};
    waitid(P_PID, static_cast<id_t>(launcher), &ended, WEXITED | WNOWAIT);
    const bool refused_as_zombie = is_refused(steady_now());
    waitpid(launcher, nullptr, 0);
    return !refused_before && refused_as_zombie && is_refused(steady_now());
  }));
}

TEST(PassedInputTest, waiting_ends_when_the_doubt_does) {
  EXPECT_TRUE(holds_in_own_process([] {
    expect_input_from(getppid());
    const Time seen = steady_now();
    await_input_end();
    return doubt_about_input_end(seen) == none;
  }));
}

}  // namespace
}  // namespace taskrun::testing
