// SPDX-License-Identifier: MIT
#include "exec/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "taskrun/core/descriptor_limit.hpp"
#include "taskrun/core/pidfd.hpp"
#include "taskrun/core/pipe.hpp"
#include "taskrun/core/system_failure.hpp"

namespace taskrun {
namespace {

// How late it may be noticed that the result is no longer wanted.
constexpr Duration longest_look = std::chrono::milliseconds(100);
// What a command that takes too long has between SIGTERM and SIGKILL, to tidy up.
constexpr Duration tidying_time = std::chrono::seconds(1);
// Rounds of killing what a command has left behind: what forks faster than that is left to the end
// of this process.
constexpr int kill_rounds = 100;
// As much as a pipe holds.
constexpr std::size_t read_bytes = std::size_t{64} << 10;

void do_not_wait(const Descriptor& end) {
  fcntl(end.fd(), F_SETFL, fcntl(end.fd(), F_GETFL) | O_NONBLOCK);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  // The interface wants char*; nothing is written through it.
  for (const auto& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

// --- its beginning

// What the child does before it is the command. It shares our memory and nothing else: no
// allocation, nothing that others could see.
struct Beginning {
  const char* program;
  char* const* words;
  char* const* shell_words;  // for a script that does not say what runs it
  char* const* environment;
  const char* folder;  // or null
  int in;
  int out;
  int err;
  pid_t parent;
  const rlimit& descriptor_limit;
  volatile int error = 0;

  [[noreturn]] void become() {
    // Also a shell's background jobs are in the group, and none of them outlives it.
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    // Those that we ignore would stay ignored.
    for (const int number : {SIGPIPE, SIGXFSZ}) signal(number, SIG_DFL);
    restore_descriptor_limit(descriptor_limit);
    sigset_t none;
    sigemptyset(&none);
    const bool ready = dup2(in, 0) >= 0 && dup2(out, 1) >= 0 && dup2(err, 2) >= 0 &&
                       close_others() && (folder == nullptr || chdir(folder) == 0);
    if (ready) {
      sigprocmask(SIG_SETMASK, &none, nullptr);
      execve(program, words, environment);
      if (errno == ENOEXEC) execve(shell_words[0], shell_words, environment);
    }
    error = errno;
    _exit(127);
  }

 private:
  // A kernel without the call has only ours, which close themselves.
  static bool close_others() {
    close_range(3, ~0U, 0);
    return true;
  }
};

// Its process id; 0 and an errno where the command could not be started.
struct Started {
  pid_t pid = 0;
  int error = 0;
};

Started start(Beginning& beginning) {
  // A handler of ours must not run in the child, whose memory is ours.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = vfork();
  if (pid == 0) beginning.become();
  const int error = pid < 0 ? errno : beginning.error;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error != 0 && pid > 0) waitpid(pid, nullptr, 0);
  return error != 0 ? Started{0, error} : Started{pid, 0};
}

bool inherits_orphans() {
  int does = 0;
  return prctl(PR_GET_CHILD_SUBREAPER, &does) == 0 && does != 0;
}

// Whatever the command has started and not waited for, in any group.
void end_orphans() {
  for (int round = 0; round < kill_rounds; ++round) {
    pid_t ended = 0;
    while ((ended = waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    if (ended < 0) return;  // there are none
    std::ifstream listed("/proc/thread-self/children");
    const std::vector<pid_t> children{std::istream_iterator<pid_t>(listed), {}};
    for (const pid_t child : children) kill(child, SIGKILL);
    for (const pid_t child : children) waitpid(child, nullptr, 0);
  }
}

// --- its life

class Life {
 public:
  Life(const ExecProcess& process, const Context& context)
      : process_(process),
        context_(context),
        deadline_(context.time_limit() > Duration::zero() ? steady_now() + context.time_limit()
                                                          : never) {}

  // Where its input fails, it must not live on.
  ~Life() {
    if (pid_ == 0) return;
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  ExecEnd run() {
    if (!begin()) return std::move(end_);
    while (!ended_) look();
    finish();
    return std::move(end_);
  }

 private:
  bool begin() {
    Pipe in;
    if (process_.input) {
      in = make_pipe();
      do_not_wait(in.writer);
    } else {
      in.reader = required(open("/dev/null", O_RDONLY | O_CLOEXEC), "open /dev/null");
    }
    Pipe out;
    Pipe err;
    if (process_.out_file == nullptr) out = make_pipe();
    if (process_.err_file == nullptr) err = make_pipe();
    const auto words = pointers(process_.words);
    std::vector<std::string> script{"/bin/sh", process_.program};
    script.insert(script.end(), process_.words.begin() + 1, process_.words.end());
    const auto shell_words = pointers(script);
    const auto environment = pointers(process_.environment);
    Beginning beginning{process_.program.c_str(),
                        words.data(),
                        shell_words.data(),
                        environment.data(),
                        process_.folder.empty() ? nullptr : process_.folder.c_str(),
                        in.reader.fd(),
                        process_.out_file != nullptr ? process_.out_file->fd() : out.writer.fd(),
                        process_.err_file != nullptr ? process_.err_file->fd() : err.writer.fd(),
                        getpid(),
                        first_descriptor_limit()};
    const Started started = start(beginning);
    if (started.pid == 0 && is_shortage(started.error)) {
      throw_system_failure("start " + process_.words.front(), started.error);
    }
    if (started.pid == 0) {
      end_.how = ExecEnd::How::not_started;
      end_.code = started.error;
      return false;
    }
    pid_ = started.pid;
    process_fd_ = process_descriptor(pid_);
    if (!process_fd_.open()) throw_system_failure("watch " + process_.words.front());
    in_ = std::move(in.writer);
    out_ = std::move(out.reader);
    err_ = std::move(err.reader);
    return true;
  }

  // Waits for something to happen, and sees to it.
  void look() {
    std::array<pollfd, 4> polled{{{process_fd_.fd(), POLLIN, 0},
                                  {out_.fd(), POLLIN, 0},
                                  {err_.fd(), POLLIN, 0},
                                  {in_.fd(), POLLOUT, 0}}};
    const Time now = steady_now();
    const Duration wait = std::clamp<Duration>(deadline_ - now, Duration::zero(), longest_look);
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
    poll(polled.data(), polled.size(), static_cast<int>(milliseconds));
    if (polled[1].revents != 0) gather(out_, end_.out);
    if (polled[2].revents != 0) gather(err_, end_.err);
    if (polled[3].revents != 0) feed();
    ended_ = polled[0].revents != 0;
    if (!ended_) judge();
  }

  void judge() {
    const Time now = steady_now();
    if (context_.stop_requested()) return end_group(SIGKILL, ExecEnd::How::unwanted);
    if (process_.most_output_bytes < end_.out.size() + end_.err.size()) {
      return end_group(SIGKILL, ExecEnd::How::too_much_output);
    }
    if (now < deadline_) return;
    const bool first = cause_ == ExecEnd::How::exited;
    deadline_ = first ? now + tidying_time : now + longest_look;
    end_group(first ? SIGTERM : SIGKILL, ExecEnd::How::too_slow);
  }

  void end_group(int signal_number, ExecEnd::How cause) {
    if (cause_ == ExecEnd::How::exited) cause_ = cause;
    kill(-pid_, signal_number);
  }

  // Reads once; what is too much is left in the pipe, and ends the command.
  void gather(Descriptor& from, std::string& text) {
    std::array<char, read_bytes> buffer;
    const ssize_t count = read(from.fd(), buffer.data(), buffer.size());
    if (count > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      from.reset();
    }
  }

  void feed() {
    if (unfed_.empty()) unfed_ = process_.input();
    if (unfed_.empty()) return in_.reset();
    const ssize_t count = write(in_.fd(), unfed_.data(), unfed_.size());
    if (count >= 0) {
      unfed_.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR && errno != EAGAIN) {
      in_.reset();  // it reads no more, which is its right
    }
  }

  void finish() {
    // While the dead leader is not waited for, its number, and so the group's, is nobody else's.
    kill(-pid_, SIGKILL);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    if (inherits_orphans()) end_orphans();
    drain(out_, end_.out);
    drain(err_, end_.err);
    end_.how = cause_;
    if (cause_ == ExecEnd::How::exited && WIFSIGNALED(status)) end_.how = ExecEnd::How::killed;
    end_.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    if (end_.how == ExecEnd::How::exited &&
        process_.most_output_bytes < end_.out.size() + end_.err.size()) {
      end_.how = ExecEnd::How::too_much_output;
    }
  }

  // What is in the pipe: its end may be held by somebody who lives on.
  void drain(Descriptor& from, std::string& text) {
    if (!from.open()) return;
    do_not_wait(from);
    while (from.open() && text.size() <= process_.most_output_bytes) gather(from, text);
  }

  const ExecProcess& process_;
  const Context& context_;
  Time deadline_;
  ExecEnd end_;
  ExecEnd::How cause_ = ExecEnd::How::exited;
  bool ended_ = false;
  pid_t pid_ = 0;
  Descriptor process_fd_;
  Descriptor in_;
  Descriptor out_;
  Descriptor err_;
  std::string_view unfed_;
};

bool is_program(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return false;
  if (!S_ISREG(status.st_mode)) {
    errno = S_ISDIR(status.st_mode) ? EISDIR : EACCES;
    return false;
  }
  return access(path.c_str(), X_OK) == 0;
}

}  // namespace

ExecEnd run_exec_process(const ExecProcess& process, const Context& context) {
  return Life(process, context).run();
}

std::optional<std::string> find_program(const std::string& name, const std::string& folder) {
  const auto is_there = [&](const std::string& path) {
    const bool elsewhere = !folder.empty() && !path.starts_with('/');
    return is_program(elsewhere ? folder + "/" + path : path);
  };
  if (name.find('/') != name.npos) return is_there(name) ? std::optional(name) : std::nullopt;
  const char* const set = std::getenv("PATH");
  std::string_view rest = set == nullptr ? "/usr/local/bin:/usr/bin:/bin" : set;
  int error = ENOENT;
  while (!name.empty()) {
    const auto end = std::min(rest.find(':'), rest.size());
    const std::string place = end == 0 ? "." : std::string(rest.substr(0, end));
    if (is_there(place + "/" + name)) return place + "/" + name;
    if (errno == EACCES) error = EACCES;
    if (end == rest.size()) break;
    rest.remove_prefix(end + 1);
  }
  errno = error;
  return std::nullopt;
}

}  // namespace taskrun
