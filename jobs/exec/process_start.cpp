// SPDX-License-Identifier: MIT
#include "exec/process_start.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "taskrun/os/controlling_terminal.hpp"
#include "taskrun/os/descriptor_limit.hpp"

namespace taskrun {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  // The interface wants char*; nothing is written through it.
  for (const auto& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

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
  int group;
  pid_t parent;
  const rlimit& descriptor_limit;
  volatile int error = 0;
  volatile bool has_folder = true;

  [[noreturn]] void become() {
    // Also a shell's background jobs are in the group, and none of them outlives it.
    setpgid(0, 0);
    leave_terminal();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    // Those that we ignore would stay ignored.
    for (const int number : {SIGPIPE, SIGXFSZ}) signal(number, SIG_DFL);
    restore_descriptor_limit(descriptor_limit);
    if (group >= 0) enter_group();
    sigset_t none;
    sigemptyset(&none);
    const bool ready = dup2(in, 0) >= 0 && dup2(out, 1) >= 0 && dup2(err, 2) >= 0 &&
                       close_others() && enter_folder();
    if (ready) {
      sigprocmask(SIG_SETMASK, &none, nullptr);
      execve(program, words, environment);
      if (errno == ENOEXEC) execve(shell_words[0], shell_words, environment);
    }
    error = errno;
    _exit(127);
  }

 private:
  bool enter_folder() {
    has_folder = folder == nullptr || chdir(folder) == 0;
    return has_folder;
  }
  // Where that fails it is looked at all the same.
  void enter_group() const { [[maybe_unused]] const auto written = write(group, "0", 1); }
  // A kernel without the call has only ours, which close themselves.
  static bool close_others() {
    close_range(3, ~0U, 0);
    return true;
  }
};

StartedProcess start(Beginning& beginning) {
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
  return error != 0 ? StartedProcess{0, error, beginning.has_folder} : StartedProcess{pid, 0, true};
}

}  // namespace

StartedProcess start_process(const ProcessStart& of) {
  const auto words = pointers(of.words);
  std::vector<std::string> script{"/bin/sh", of.program};
  script.insert(script.end(), of.words.begin() + 1, of.words.end());
  const auto shell_words = pointers(script);
  const auto environment = pointers(of.environment);
  const char* const folder = of.folder.empty() ? nullptr : of.folder.c_str();
  Beginning beginning{of.program.c_str(),
                      words.data(),
                      shell_words.data(),
                      environment.data(),
                      folder,
                      of.in,
                      of.out,
                      of.err,
                      of.group,
                      getpid(),
                      first_descriptor_limit()};
  return start(beginning);
}

}  // namespace taskrun
