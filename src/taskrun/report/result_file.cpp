// SPDX-License-Identifier: MIT
#include "taskrun/report/result_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "taskrun/core/error.hpp"
#include "taskrun/os/descriptor.hpp"
#include "taskrun/os/new_file.hpp"
#include "taskrun/os/system_failure.hpp"
#include "taskrun/os/write_all.hpp"

namespace taskrun {
namespace {

namespace fs = std::filesystem;

Error cannot_write(const fs::path& path, int error) {
  return environment_error("cannot write " + path.string() + ": " + system_reason(error) +
                           "; give a file that can be written");
}

NewFile create_beside(const fs::path& path) {
  NewFile file(path.string());
  if (!file.open()) throw cannot_write(path, errno);
  return file;
}

// A new one has what the umask leaves.
bool take_mode_of(const fs::path& replaced, const NewFile& file) {
  struct stat status {};
  return stat(replaced.c_str(), &status) != 0 || fchmod(file.fd(), status.st_mode & 07777) == 0;
}

}  // namespace

ResultFile::ResultFile(fs::path path) : path_(std::move(path)) {
  struct stat status {};
  const bool exists = stat(path_.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) throw cannot_write(path_, EISDIR);
  in_place_ = exists && !S_ISREG(status.st_mode);
  if (exists && access(path_.c_str(), W_OK) != 0) throw cannot_write(path_, errno);
  if (in_place_) return;
  // A link stays a link: what it points to is replaced.
  std::error_code ignored;
  const fs::path target = fs::canonical(path_, ignored);
  if (!ignored) path_ = target;
  create_beside(path_);
}

void ResultFile::write(std::string_view text) const {
  if (in_place_) {
    Descriptor file(open(path_.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.open() || !write_all(file.fd(), text) || ::close(file.release()) != 0) {
      throw cannot_write(path_, errno);
    }
    return;
  }
  NewFile file = create_beside(path_);
  if (!take_mode_of(path_, file) || !write_all(file.fd(), text) || fsync(file.fd()) != 0 ||
      !file.keep()) {
    throw cannot_write(path_, errno);
  }
}

}  // namespace taskrun
