// SPDX-License-Identifier: MIT
#include "taskrun/journal/journal_lock.hpp"

#include <fcntl.h>

#include <cerrno>
#include <system_error>

#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

// SQLite locks the 512 bytes from 2^30 on; locks may lie beyond a file's end.
constexpr off_t lock_byte = (off_t{1} << 30) + 4096;

struct flock lock_of(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = lock_byte;
  lock.l_len = 1;
  return lock;
}

}  // namespace

std::optional<JournalLock> JournalLock::take(Descriptor file, const std::filesystem::path& path) {
  struct flock lock = lock_of(F_WRLCK);
  if (fcntl(file.fd(), F_OFD_SETLK, &lock) == 0) return JournalLock(std::move(file));
  if (errno == EAGAIN || errno == EACCES) return std::nullopt;
  throw environment_error("the journal " + path.string() +
                          " cannot be locked: " + std::generic_category().message(errno) +
                          "; put it on a file system that has locks");
}

bool JournalLock::is_held(const std::filesystem::path& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct flock lock = lock_of(F_WRLCK);
  return file.open() && fcntl(file.fd(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

}  // namespace taskrun
