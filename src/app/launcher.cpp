// SPDX-License-Identifier: MIT
#include "app/launcher.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <string_view>

#include "taskrun/core/time.hpp"
#include "taskrun/os/descendants.hpp"
#include "taskrun/os/pidfd.hpp"

namespace taskrun {
namespace {

namespace fs = std::filesystem;

// Launchers read within milliseconds, if at all.
constexpr Duration longest_reading = std::chrono::seconds(1);

std::string proc_path(pid_t process, const std::string& what) {
  return "/proc/" + std::to_string(process) + "/" + what;
}

bool is_one_of(const std::string& name, std::initializer_list<const char*> known) {
  return std::any_of(known.begin(), known.end(),
                     [&](const char* start) { return name.starts_with(start); });
}

bool is_launcher(pid_t process) {
  return is_one_of(process_name(process), {"mpirun", "mpiexec", "orterun", "prterun"});
}

// It, or what does its work on other hosts.
bool passes_streams_on(pid_t process) {
  return is_launcher(process) || is_one_of(process_name(process), {"orted", "prted", "slurmstepd"});
}

// 0 where there is none.
pid_t parent_of(pid_t process) {
  std::ifstream in(proc_path(process, "status"));
  std::string word;
  pid_t parent = 0;
  while (in >> word && word != "PPid:") {
  }
  in >> parent;
  return parent;
}

bool edits_output(std::string_view option) {
  return option.starts_with("--output") || option.starts_with("--tag-output") ||
         option.starts_with("--timestamp-output") || option.starts_with("--xml");
}

// Whether its own options say so: what follows the ranks' program is the program's.
bool is_asked_to_edit_output(pid_t launcher) {
  std::ifstream in(proc_path(launcher, "cmdline"));
  std::ifstream own(proc_path(getpid(), "cmdline"));
  std::string program;
  std::getline(own, program, '\0');
  for (std::string word; std::getline(in, word, '\0') && word != program;) {
    if (edits_output(word)) return true;
  }
  return false;
}

// mpirun --tag-output and the like. That of Open MPI 4.1 passes its settings to the ranks.
bool launcher_edits_output() {
  constexpr std::array variables{"OMPI_MCA_orte_tag_output", "OMPI_MCA_orte_timestamp_output",
                                 "OMPI_MCA_orte_output_filename", "OMPI_MCA_orte_xml_output"};
  for (const char* variable : variables) {
    if (std::getenv(variable) != nullptr) return true;
  }
  return is_asked_to_edit_output(getppid());
}

// A launcher connects a rank's stdout to a pipe or a pseudo-terminal of its own.
bool stdout_is_passed_on() {
  struct stat status {};
  return isatty(STDOUT_FILENO) != 0 ||
         (fstat(STDOUT_FILENO, &status) == 0 && S_ISFIFO(status.st_mode));
}

// The same open file, with the same position. Needs the right to trace the process.
int shared_descriptor(pid_t process, int fd) {
#ifdef SYS_pidfd_getfd
  const Descriptor handle = process_descriptor(process);
  if (handle.open()) return static_cast<int>(syscall(SYS_pidfd_getfd, handle.fd(), fd, 0));
#endif
  return -1;
}

bool has_no_position(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode));
}

// Whether the process itself holds another end of this pipe: a pipe of its own, which got the
// number of a stream that was closed.
bool is_own_pipe(pid_t process, int fd) {
  std::error_code ignored;
  const std::string number = std::to_string(fd);
  const fs::path target = fs::read_symlink(proc_path(process, "fd/" + number), ignored);
  if (!target.string().starts_with("pipe:")) return false;
  for (const auto& entry : fs::directory_iterator(proc_path(process, "fd"), ignored)) {
    if (entry.path().filename() != number && fs::read_symlink(entry.path(), ignored) == target &&
        (fs::symlink_status(entry.path(), ignored).permissions() & fs::perms::owner_read) !=
            fs::perms::none) {
      return true;
    }
  }
  return false;
}

bool is_socket(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

// Its own, -1 inside where that is closed.
std::optional<Descriptor> launcher_stdout() {
  const pid_t launcher = getppid();
  if (!is_launcher(launcher) || !stdout_is_passed_on() || launcher_edits_output()) {
    return std::nullopt;
  }
  const std::string path = proc_path(launcher, "fd/1");
  int fd = shared_descriptor(launcher, STDOUT_FILENO);
  if (fd < 0 && has_no_position(path)) {
    fd = open(path.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  }
  if (fd < 0) return std::nullopt;
  Descriptor out(fd);
  // The launcher was started without a stdout, and uses the number for something else.
  if (!is_writable(fd) || is_own_pipe(launcher, STDOUT_FILENO)) return Descriptor(-1);
  // A socket may be the user's or the launcher's own: the long way is safe.
  if (is_socket(fd)) return std::nullopt;
  return out;
}

}  // namespace

ReachedStdout::ReachedStdout(const StandardStreams& streams, bool through_launcher)
    : of_launcher_(through_launcher ? launcher_stdout() : std::nullopt),
      fd_(of_launcher_ ? of_launcher_->fd() : streams.out) {}

std::optional<pid_t> launcher_process() {
  for (pid_t process = getppid(); process > 1; process = parent_of(process)) {
    if (passes_streams_on(process)) return process;
  }
  return std::nullopt;
}

void let_launcher_read(int pipe) {
  struct stat status {};
  if (fstat(pipe, &status) != 0 || !S_ISFIFO(status.st_mode)) return;
  const Time until = steady_now() + longest_reading;
  int unread = 0;
  while (ioctl(pipe, FIONREAD, &unread) == 0 && unread > 0 && steady_now() < until) {
    poll(nullptr, 0, 1);
  }
}

std::optional<Terminal> launcher_terminal() {
  const pid_t launcher = getppid();
  if (!is_launcher(launcher)) return std::nullopt;
  const std::string path = proc_path(launcher, "fd/2");
  struct stat status {};
  // Opening anything but a terminal could have an effect.
  if (stat(path.c_str(), &status) != 0 || !S_ISCHR(status.st_mode)) return std::nullopt;
  const int fd = open(path.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  return Terminal::on(fd, getpgid(launcher));
}

}  // namespace taskrun
