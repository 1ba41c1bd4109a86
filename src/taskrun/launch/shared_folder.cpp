// SPDX-License-Identifier: MIT
#include "taskrun/launch/shared_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include "taskrun/os/pipe.hpp"
#include "taskrun/os/system_failure.hpp"
#include "taskrun/os/temporary_folder.hpp"

namespace taskrun {
namespace {

namespace fs = std::filesystem;

constexpr const char* lock_name = "lock";

// For the files of a launcher, the sockets and bells of its ranks; Open MPI leaves its shared
// memory out where that does not fit.
constexpr std::uintmax_t least_room_bytes = std::uintmax_t{256} << 10;
// PMIx keeps 8 MiB of tables for a small run there, more for more ranks.
constexpr std::uintmax_t ample_room_bytes = std::uintmax_t{64} << 20;

std::uintmax_t room_in(const fs::path& folder) {
  std::error_code unknown;
  return fs::space(folder, unknown).available;  // all there is where it is not known
}

fs::path place() {
  const fs::path memory = "/dev/shm";
  const bool is_usable =
      access(memory.c_str(), W_OK | X_OK) == 0 && room_in(memory) >= least_room_bytes;
  return is_usable ? memory : temporary_folder();
}

std::string beginning() { return "taskrun." + std::to_string(geteuid()) + "."; }

// A folder whose owner is just making it has no lock yet.
bool is_new(const fs::path& folder) {
  std::error_code failed;
  const auto written = fs::last_write_time(folder, failed);
  return failed || fs::file_time_type::clock::now() - written < std::chrono::minutes(1);
}

bool is_ours(const Descriptor& file, mode_t type) {
  struct stat status {};
  return file.open() && fstat(file.fd(), &status) == 0 && (status.st_mode & S_IFMT) == type &&
         status.st_uid == geteuid();
}

// Anybody may have put something of that name there: only folders and locks of this user count, no
// link is followed, and nothing is waited for.
bool is_abandoned(const fs::path& folder) {
  const Descriptor held(
      open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!is_ours(held, S_IFDIR)) return false;
  const Descriptor lock(
      openat(held.fd(), lock_name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!lock.open()) return errno == ENOENT && !is_new(folder);
  return is_ours(lock, S_IFREG) && flock(lock.fd(), LOCK_EX | LOCK_NB) == 0;
}

void remove_abandoned(const fs::path& where) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(where, ignored)) {
    if (!entry.path().filename().string().starts_with(beginning())) continue;
    if (is_abandoned(entry.path())) fs::remove_all(entry.path(), ignored);
  }
}

// The last ranks are just being killed, and may be making files.
constexpr auto sweep_interval = std::chrono::milliseconds(20);
constexpr int most_sweeps = 500;

// Until nobody holds the other end of the pipe; then the folder goes.
[[noreturn]] void be_sweeper(const fs::path& folder, int supervisor) {
  setsid();  // Ctrl-C is the supervisor's matter
  prctl(PR_SET_NAME, "taskrun-sweeper");
  if (chdir("/") != 0) _exit(1);
  dup2(supervisor, 0);
  close_range(1, ~0U, 0);
  char nothing = 0;
  while (read(0, &nothing, 1) < 0 && errno == EINTR) {
  }
  std::error_code failed;
  for (int i = 0; i < most_sweeps && fs::exists(folder, failed); ++i) {
    fs::remove_all(folder, failed);
    std::this_thread::sleep_for(sweep_interval);
  }
  _exit(0);
}

// A child's child: the supervisor ends its own children, and nobody need wait for this one.
Descriptor start_sweeper(const fs::path& folder) {
  Pipe pipe = make_pipe();
  const pid_t child = fork();
  if (child == 0) {
    pipe.writer.reset();
    if (fork() == 0) be_sweeper(folder, pipe.reader.fd());
    _exit(0);
  }
  if (child > 0) waitpid(child, nullptr, 0);
  return std::move(pipe.writer);
}

}  // namespace

SharedFolder::SharedFolder() : SharedFolder(place()) {}

SharedFolder::SharedFolder(const fs::path& where) {
  remove_abandoned(where);
  std::string name = (where / (beginning() + "XXXXXX")).string();
  if (mkdtemp(name.data()) == nullptr) {
    throw_system_failure("make a folder in " + where.string());
  }
  path_ = name;
  lock_.reset(
      open((path_ / lock_name).c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (lock_.open()) flock(lock_.fd(), LOCK_EX | LOCK_NB);
  alive_ = start_sweeper(path_);
}

SharedFolder::~SharedFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

bool SharedFolder::has_little_room() const { return room_in(path_) < ample_room_bytes; }

void SharedFolder::empty() const {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(path_, ignored)) {
    if (entry.path().filename() != lock_name) fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace taskrun
