// SPDX-License-Identifier: MIT
#include "taskrun/report/result_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include "taskrun/core/error.hpp"
#include "taskrun/core/write_all.hpp"

namespace taskrun {
namespace {

namespace fs = std::filesystem;

Error cannot_write(const fs::path& path, int error) {
  return environment_error("cannot write " + path.string() + ": " +
                           std::generic_category().message(error) +
                           "; give a file that can be written");
}

// A descriptor, and a file's name that is removed unless the file is kept.
class OpenFile {
 public:
  explicit OpenFile(int fd, std::string name = "") : fd_(fd), name_(std::move(name)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
    if (!name_.empty()) unlink(name_.c_str());
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int fd() const { return fd_; }
  const std::string& name() const { return name_; }
  void keep() { name_.clear(); }
  // Some file systems tell of a full disk here only.
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
  std::string name_;
};

OpenFile create_beside(const fs::path& path) {
  std::string name = path.string() + ".XXXXXX";
  const int fd = mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) throw cannot_write(path, errno);
  return OpenFile(fd, std::move(name));
}

// What the file that is replaced had, or what a new one would get.
mode_t mode_for(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) return status.st_mode & 07777;
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
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
    OpenFile file(open(path_.c_str(), O_WRONLY | O_CLOEXEC));
    if (file.fd() < 0 || !write_all(file.fd(), text) || !file.close()) {
      throw cannot_write(path_, errno);
    }
    return;
  }
  OpenFile file = create_beside(path_);
  if (fchmod(file.fd(), mode_for(path_)) != 0 || !write_all(file.fd(), text) ||
      fsync(file.fd()) != 0 || !file.close() || rename(file.name().c_str(), path_.c_str()) != 0) {
    throw cannot_write(path_, errno);
  }
  file.keep();
}

}  // namespace taskrun
