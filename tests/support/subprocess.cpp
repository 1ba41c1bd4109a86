// SPDX-License-Identifier: MIT
#include "subprocess.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace taskrun::testing {
namespace {

using Clock = std::chrono::steady_clock;

// How long a launcher gets to end its ranks before it is killed.
constexpr auto grace = std::chrono::seconds(3);

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() {
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(int which) {
    if (ends[which] >= 0) close(ends[which]);
    ends[which] = -1;
  }
};

void set_environment(const Command& command) {
  for (const auto& setting : command.environment) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos) {
      unsetenv(setting.c_str());
    } else {
      setenv(setting.substr(0, equals).c_str(), setting.substr(equals + 1).c_str(), 1);
    }
  }
}

[[noreturn]] void become(const Command& command, const Pipe& out, const Pipe& err) {
  setpgid(0, 0);
  dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
  dup2(out.ends[1], 1);
  dup2(err.ends[1], 2);
  if (command.out == Command::Out::closed) close(1);
  if (command.out == Command::Out::file) {
    dup2(open(command.out_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), 1);
  }
  execute(command);
}

// Appends what there is; closes at the end. A terminal's end is an error.
void read_some(int& fd, std::string& text) {
  char buffer[65536];
  const auto n = read(fd, buffer, sizeof buffer);
  if (n > 0) {
    text.append(buffer, static_cast<std::size_t>(n));
  } else if (n == 0 || errno != EINTR) {
    close(fd);
    fd = -1;
  }
}

bool wait_until(pid_t child, Clock::time_point deadline, int& status) {
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (Clock::now() >= deadline) return false;
    poll(nullptr, 0, 5);
  }
  return true;
}

void end_group(pid_t child, int& status) {
  kill(-child, SIGTERM);
  if (wait_until(child, Clock::now() + grace, status)) return;
  kill(-child, SIGKILL);
  waitpid(child, &status, 0);
}

Ended attend(const Command& command, pid_t child, int out, int err) {
  Ended ended;
  const auto deadline = Clock::now() + command.deadline;
  while ((out >= 0 || err >= 0) && Clock::now() < deadline) {
    pollfd polled[2] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
    poll(polled, 2, 100);
    if (polled[0].revents != 0) read_some(out, ended.out);
    if (polled[1].revents != 0) read_some(err, ended.err);
    if (command.out == Command::Out::pipe_head && out >= 0 && !ended.out.empty()) {
      close(out);
      out = -1;
    }
  }
  int status = 0;
  ended.timed_out = !wait_until(child, deadline, status);
  if (ended.timed_out) end_group(child, status);
  kill(-child, SIGKILL);  // whom the program left behind
  if (out >= 0) close(out);
  if (err >= 0) close(err);
  ended.exit_code = exit_code_of(status);
  return ended;
}

Ended run_on_terminal(const Command& command) {
  int master = -1;
  winsize size{};
  size.ws_row = 25;
  size.ws_col = 100;
  const pid_t child = forkpty(&master, nullptr, nullptr, &size);
  if (child < 0) throw std::runtime_error("no terminal");
  if (child == 0) execute(command);
  return attend(command, child, master, -1);
}

}  // namespace

void execute(const Command& command) {
  if (!command.directory.empty() && chdir(command.directory.c_str()) != 0) _exit(126);
  set_environment(command);
  // What a shell would give it.
  signal(SIGPIPE, SIG_DFL);
  std::vector<char*> arguments;
  for (const auto& argument : command.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Ended run(const Command& command) {
  if (command.out == Command::Out::terminal) return run_on_terminal(command);
  Pipe out;
  Pipe err;
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) become(command, out, err);
  setpgid(child, child);  // whoever comes first
  out.close_end(1);
  err.close_end(1);
  return attend(command, child, std::exchange(out.ends[0], -1), std::exchange(err.ends[0], -1));
}

}  // namespace taskrun::testing
