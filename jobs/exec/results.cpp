// SPDX-License-Identifier: MIT
#include "exec/results.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include "taskrun/core/error.hpp"
#include "taskrun/os/system_failure.hpp"

namespace taskrun {
namespace {

namespace fs = std::filesystem;

// So that names sort like numbers, up to a million.
std::string padded(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits;
}

// All of it, also where the descriptor does not wait.
bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      pollfd writable{fd, POLLOUT, 0};
      poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

void set_lock(const Descriptor& file, short kind) {
  struct flock lock {};
  lock.l_type = kind;
  lock.l_whence = SEEK_SET;
  while (fcntl(file.fd(), F_SETLKW, &lock) != 0 && errno == EINTR) {
  }
}

// NUMBER.stdout and so on.
bool is_result(const fs::path& path) {
  const std::string number = path.stem().string();
  const std::string kind = path.extension().string();
  return number.size() >= 6 && number.find_first_not_of("0123456789") == number.npos &&
         (kind == ".stdout" || kind == ".stderr" || kind == ".exit");
}

}  // namespace

ExecResultFiles::ExecResultFiles(const fs::path& folder, std::uint64_t number) {
  std::error_code error;
  fs::create_directories(folder, error);
  out_ = create(folder, padded(number) + ".stdout");
  err_ = create(folder, padded(number) + ".stderr");
  exit_ = create(folder, padded(number) + ".exit");
}

NewFile ExecResultFiles::create(const fs::path& folder, const std::string& name) {
  NewFile file((folder / name).string());
  if (!file.open()) throw_system_failure("write " + file.path());
  return file;
}

void ExecResultFiles::keep(int exit_code) {
  if (!write_all(exit_.fd(), std::to_string(exit_code) + "\n")) {
    throw_system_failure("write " + exit_.path());
  }
  for (NewFile* file : {&out_, &err_, &exit_}) {
    if (!file->keep()) throw_system_failure("write " + file->path());
  }
}

void clear_of_results(const fs::path& folder, bool removes) {
  std::error_code none;
  std::vector<fs::path> older;
  for (const auto& file : fs::directory_iterator(folder, none)) {
    if (is_result(file.path())) older.push_back(file.path());
  }
  if (older.empty()) return;
  if (!removes) {
    throw usage_error("--results " + folder.string() + " has results of an earlier run (" +
                      std::min_element(older.begin(), older.end())->filename().string() +
                      "); name another folder, or give --overwrite to remove them");
  }
  for (const auto& path : older) {
    if (unlink(path.c_str()) != 0 && errno != ENOENT) {
      throw environment_error("cannot remove " + path.string() + ": " + system_reason(errno));
    }
  }
}

WholeStderr::WholeStderr()
    : lock_(required(memfd_create("taskrun-stderr", MFD_CLOEXEC), "make a lock for stderr")) {}

void WholeStderr::write(std::string_view text) {
  if (text.empty()) return;
  const std::lock_guard lock(threads_);
  set_lock(lock_, F_WRLCK);
  write_all(STDERR_FILENO, text);  // nobody is left to be told of a failure
  set_lock(lock_, F_UNLCK);
}

}  // namespace taskrun
