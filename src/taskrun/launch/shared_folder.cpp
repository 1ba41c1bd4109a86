// SPDX-License-Identifier: MIT
#include "taskrun/launch/shared_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>

#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

namespace fs = std::filesystem;

constexpr const char* lock_name = "lock";

fs::path place() {
  const fs::path memory = "/dev/shm";
  return access(memory.c_str(), W_OK | X_OK) == 0 ? memory : fs::temp_directory_path();
}

std::string beginning() { return "taskrun." + std::to_string(geteuid()) + "."; }

// A folder whose owner is just making it has no lock yet.
bool is_new(const fs::path& folder) {
  std::error_code failed;
  const auto written = fs::last_write_time(folder, failed);
  return failed || fs::file_time_type::clock::now() - written < std::chrono::minutes(1);
}

bool is_abandoned(const fs::path& folder) {
  const Descriptor lock(open((folder / lock_name).c_str(), O_RDWR | O_CLOEXEC));
  if (!lock.open()) return errno == ENOENT && !is_new(folder);
  return flock(lock.fd(), LOCK_EX | LOCK_NB) == 0;
}

void remove_abandoned(const fs::path& where) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(where, ignored)) {
    if (!entry.path().filename().string().starts_with(beginning())) continue;
    if (is_abandoned(entry.path())) fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

SharedFolder::SharedFolder() {
  const fs::path where = place();
  remove_abandoned(where);
  std::string name = (where / (beginning() + "XXXXXX")).string();
  if (mkdtemp(name.data()) == nullptr) {
    throw environment_error("no folder can be made in " + where.string() + ": " +
                            std::strerror(errno));
  }
  path_ = name;
  lock_.reset(open((path_ / lock_name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock_.open()) flock(lock_.fd(), LOCK_EX | LOCK_NB);
}

SharedFolder::~SharedFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void SharedFolder::empty() const {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(path_, ignored)) {
    if (entry.path().filename() != lock_name) fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace taskrun
