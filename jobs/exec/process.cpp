// SPDX-License-Identifier: MIT
#include "exec/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "exec/orphans.hpp"
#include "exec/process_start.hpp"
#include "taskrun/os/descendants.hpp"
#include "taskrun/os/memory_group.hpp"
#include "taskrun/os/pidfd.hpp"
#include "taskrun/os/pipe.hpp"
#include "taskrun/os/system_failure.hpp"
#include "taskrun/os/tree_memory.hpp"

namespace taskrun {
namespace {

// How late it may be noticed that the result is no longer wanted.
constexpr Duration longest_look = std::chrono::milliseconds(100);
// The same while others of the command end.
constexpr Duration tidying_look = std::chrono::milliseconds(5);
constexpr Duration pause = std::chrono::seconds(1);
constexpr Duration start_pause = std::chrono::milliseconds(20);
// Who is stopped for longer was not stopped for a moment only.
constexpr Duration stopped_look = std::chrono::seconds(5);
// As much as a pipe holds.
constexpr std::size_t read_bytes = std::size_t{64} << 10;
constexpr std::uint64_t bytes_per_kilobyte = 1024;  // as Linux has it

// Those that the process has started that has started us: the processes of other slots.
bool siblings_have_children() {
  std::vector<pid_t> siblings;
  add_children(getppid(), siblings);
  for (const pid_t sibling : siblings) {
    std::vector<pid_t> children;
    if (sibling != getpid()) add_children(sibling, children);
    if (!children.empty()) return true;
  }
  return false;
}

int milliseconds_of(Duration wait) {
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
}

void do_not_wait(const Descriptor& end) {
  fcntl(end.fd(), F_SETFL, fcntl(end.fd(), F_GETFL) | O_NONBLOCK);
}

// Of the processes that were waited for. A process begins with our memory; what is not more says
// nothing.
std::uint64_t largest_bytes(const rusage& used) {
  rusage ours{};
  getrusage(RUSAGE_SELF, &ours);
  return used.ru_maxrss <= ours.ru_maxrss
             ? 0
             : static_cast<std::uint64_t>(used.ru_maxrss) * bytes_per_kilobyte;
}

class Life {
 public:
  Life(const ExecProcess& process, const Context& context)
      : process_(process),
        context_(context),
        deadline_(context.limits().time > Duration::zero() ? steady_now() + context.limits().time
                                                           : never),
        memory_look_(context.limits().memory_bytes > 0 ? steady_now() : never) {}

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
    const std::uint64_t limit = context_.limits().memory_bytes;
    if (limit > 0 && inherits_orphans()) group_ = MemoryGroup::make(limit, "");
    const StartedProcess started = start_when_possible(
        {process_.program, process_.words, process_.environment, process_.folder, in.reader.fd(),
         process_.out_file != nullptr ? process_.out_file->fd() : out.writer.fd(),
         process_.err_file != nullptr ? process_.err_file->fd() : err.writer.fd(),
         group_ ? group_->entrance() : -1});
    if (is_asked_to_end()) {
      end_.how = cause_;
      return false;
    }
    if (started.pid == 0 && is_shortage(started.error)) {
      throw_system_failure("start " + process_.words.front(), started.error);
    }
    if (started.pid == 0) {
      end_.how = started.has_folder ? ExecEnd::How::not_started : ExecEnd::How::no_folder;
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

  // What there is no room for now there is when another command has ended, also one of another
  // slot; where there is none it never will be.
  StartedProcess start_when_possible(const ProcessStart& start) {
    StartedProcess started = start_process(start);
    while (inherits_orphans() && (started.error == EAGAIN || started.error == ENOMEM)) {
      const bool others_run = siblings_have_children();
      poll(nullptr, 0, milliseconds_of(start_pause));
      if (context_.stop_requested()) cause_ = ExecEnd::How::unwanted;
      if (steady_now() >= deadline_) cause_ = ExecEnd::How::too_slow;
      if (is_asked_to_end()) break;
      started = start_process(start);
      if (!others_run) break;
    }
    return started;
  }

  // Waits for something to happen, and sees to it.
  void look() {
    std::array<pollfd, 4> polled{{{leader_ended_ ? -1 : process_fd_.fd(), POLLIN, 0},
                                  {out_.fd(), POLLIN, 0},
                                  {err_.fd(), POLLIN, 0},
                                  {in_.fd(), POLLOUT, 0}}};
    poll(polled.data(), polled.size(), milliseconds_of(wait_time()));
    forgive_pause();
    if (polled[1].revents != 0) gather(out_, end_.out);
    if (polled[2].revents != 0) gather(err_, end_.err);
    if (polled[3].revents != 0) feed();
    leader_ended_ |= polled[0].revents != 0;
    if (leader_ended_ && !may_tidy_up()) {
      ended_ = true;
    } else {
      judge();
    }
  }

  Duration wait_time() {
    looked_ = steady_now();
    const Duration longest = leader_ended_ ? tidying_look : longest_look;
    return std::clamp<Duration>(std::min({deadline_, kill_at_, memory_look_}) - looked_,
                                Duration::zero(), longest);
  }

  // Nothing here takes so long: the run stood still (Ctrl-Z), and the command with it.
  void forgive_pause() {
    const Duration gap = steady_now() - looked_;
    if (gap < pause) return;
    if (deadline_ != never) deadline_ += gap;
    if (kill_at_ != never) kill_at_ += gap;
  }

  // Whether others of the command have time to end when its own process has ended.
  bool may_tidy_up() {
    if (!is_asked_to_end() || steady_now() >= kill_at_ || !inherits_orphans()) return false;
    if (!orphans_) orphans_.emplace(pid_);
    return orphans_->any_left();
  }

  void judge() {
    look_at_memory();
    look_at_state();
    if (!is_asked_to_end()) {
      if (context_.stop_requested()) {
        ask_to_end(ExecEnd::How::unwanted);
      } else if (wrote_too_much()) {
        ask_to_end(ExecEnd::How::too_much_output);
      } else if (steady_now() >= deadline_) {
        ask_to_end(ExecEnd::How::too_slow);
      }
    }
    if (steady_now() < kill_at_) return;
    kill_at_ = steady_now() + longest_look;
    kill(-pid_, SIGKILL);
  }

  // It grows on until it is dead.
  void look_at_memory() {
    const std::uint64_t limit = context_.limits().memory_bytes;
    if (limit == 0 || steady_now() < memory_look_) return;
    if (!memory_) {
      memory_.emplace(inherits_orphans() ? getpid() : pid_,
                      inherits_orphans() ? TreeMemory::Root::counts_not : TreeMemory::Root::counts);
    }
    if (memory_->look(limit) > limit || is_group_full()) {
      cause_ = ExecEnd::How::too_much_memory;
      kill_at_ = steady_now();
    }
    memory_look_ = steady_now() + memory_->interval(limit);
  }

  bool is_group_full() const { return group_ && group_->was_full(); }

  void look_at_state() {
    const Time now = steady_now();
    if (now < state_look_ || !process_.on_stopped) return;
    const bool stopped = process_state(pid_) == 'T';
    if (!stopped) {
      state_look_ = now + stopped_look;
      stopped_since_ = never;
    } else if (stopped_since_ == never) {
      state_look_ = now + stopped_look;
      stopped_since_ = now;
    } else {
      state_look_ = never;
      process_.on_stopped(pid_);
    }
  }

  bool is_asked_to_end() const { return cause_ != ExecEnd::How::exited; }

  void ask_to_end(ExecEnd::How cause) {
    cause_ = cause;
    deadline_ = never;
    kill_at_ = steady_now() + context_.limits().grace;
    if (context_.limits().grace <= Duration::zero()) return;
    kill(-pid_, SIGTERM);
    kill(-pid_, SIGCONT);  // what is stopped would not see it
  }

  bool wrote_too_much() const {
    return process_.most_output_bytes < end_.out.size() + end_.err.size();
  }

  // Reads once; what is beyond the limit is thrown away.
  void gather(Descriptor& from, std::string& text) {
    std::array<char, read_bytes> buffer;
    const ssize_t count = read(from.fd(), buffer.data(), buffer.size());
    if (count > 0) {
      if (!wrote_too_much()) text.append(buffer.data(), static_cast<std::size_t>(count));
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
    rusage used{};
    while (wait4(pid_, &status, 0, &used) < 0 && errno == EINTR) {
    }
    end_.memory_bytes = std::max(largest_bytes(used), memory_ ? memory_->peak_bytes() : 0);
    pid_ = 0;
    if (inherits_orphans()) end_orphans();
    drain(out_, end_.out);
    drain(err_, end_.err);
    if (is_group_full()) {
      cause_ = ExecEnd::How::too_much_memory;
      end_.memory_bytes = std::max(end_.memory_bytes, context_.limits().memory_bytes);
    }
    end_.how = cause_;
    if (cause_ == ExecEnd::How::exited && WIFSIGNALED(status)) end_.how = ExecEnd::How::killed;
    end_.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    if (end_.how == ExecEnd::How::exited && wrote_too_much()) {
      end_.how = ExecEnd::How::too_much_output;
    }
  }

  // What is in the pipe: its end may be held by somebody who lives on.
  void drain(Descriptor& from, std::string& text) {
    if (!from.open()) return;
    do_not_wait(from);
    while (from.open() && !wrote_too_much()) gather(from, text);
  }

  const ExecProcess& process_;
  const Context& context_;
  Time deadline_;
  Time kill_at_ = never;
  Time looked_{};
  Time memory_look_;
  Time state_look_ = steady_now() + stopped_look;
  Time stopped_since_ = never;
  std::optional<TreeMemory> memory_;
  std::unique_ptr<MemoryGroup> group_;
  ExecEnd end_;
  ExecEnd::How cause_ = ExecEnd::How::exited;
  bool leader_ended_ = false;
  bool ended_ = false;
  pid_t pid_ = 0;
  std::optional<Orphans> orphans_;
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
