// SPDX-License-Identifier: MIT
#include "taskrun/journal/journal_file.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <vector>

#include "taskrun/core/error.hpp"
#include "taskrun/os/descriptor.hpp"

namespace taskrun {
namespace {

namespace fs = std::filesystem;

// Where the header of an SQLite file says how it is written to and read: 1 is the rollback journal,
// 2 the write-ahead log, which needs memory shared beside the file.
constexpr off_t versions_at = 18;
// What a rollback journal begins with, and ends with where it names another file.
constexpr std::string_view rollback_magic("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);

void expect_regular(const fs::path& path, const struct stat& status) {
  if (S_ISDIR(status.st_mode)) {
    throw usage_error(path.string() + " is a directory; a journal is a file");
  }
  if (!S_ISREG(status.st_mode)) {
    throw usage_error(path.string() + " is not a regular file; a journal is one");
  }
}

// Nothing where there is no such byte.
std::string bytes_at(int fd, off_t offset, std::size_t count) {
  std::string bytes(count, '\0');
  const auto got = offset < 0 ? 0 : pread(fd, bytes.data(), count, offset);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

Descriptor open_to_look(const fs::path& path) {
  return Descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

void expect_no_write_ahead_log(const fs::path& path) {
  const Descriptor file = open_to_look(path);
  if (!file.open()) return;  // who opens it next says why
  if (bytes_at(file.fd(), versions_at, 2).find('\2') == std::string::npos) return;
  throw usage_error(path.string() +
                    " is a database with a write-ahead log, but no journal of taskrun; name "
                    "another file");
}

// SQLite would remove the file that is named there.
void expect_no_other_file(const fs::path& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return;
  if (!S_ISREG(status.st_mode)) {
    throw usage_error(path.string() +
                      " is not a regular file; it belongs to the journal beside it: remove it, or "
                      "name another journal");
  }
  const Descriptor file = open_to_look(path);
  const auto size = static_cast<off_t>(rollback_magic.size());
  if (!file.open() || status.st_size <= size) return;
  if (bytes_at(file.fd(), status.st_size - size, rollback_magic.size()) != rollback_magic) return;
  throw usage_error(path.string() +
                    " names another file, which undoing it could remove: taskrun never wrote it; "
                    "remove it, or name another journal");
}

std::string user_name(uid_t user) {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    return found->pw_name;
  }
  return "user " + std::to_string(user);
}

}  // namespace

fs::path rollback_file(const fs::path& path) { return path.string() + "-journal"; }

void expect_journal_file(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return;
  expect_regular(path, status);
  expect_no_write_ahead_log(path);
  // SQLite looks for it beside the file itself, also where that is named by a link.
  std::error_code ignored;
  const fs::path real = fs::canonical(path, ignored);
  expect_no_other_file(rollback_file(real.empty() ? path : real));
}

std::optional<std::string> other_author(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  if (status.st_uid != geteuid()) return user_name(status.st_uid);
  if ((status.st_mode & S_IWOTH) != 0) return "anybody";
  return std::nullopt;
}

JournalCopy::JournalCopy(const fs::path& path) {
  std::string folder;
  std::error_code error;
  const fs::path base = fs::temp_directory_path(error);
  if (!error) {
    folder = (base / "taskrun-look-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) error.assign(errno, std::generic_category());
  }
  if (!error) {
    folder_ = folder;
    const fs::path real = fs::canonical(path, error);
    if (!error) fs::copy_file(real, this->path(), error);
    if (!error) fs::copy_file(rollback_file(real), rollback_file(this->path()), error);
    if (!error) return;
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  throw environment_error("the journal " + path.string() +
                          " ended in the middle of a write, and no copy of it can be made to look "
                          "at in the folder for temporary files: " +
                          error.message() + "; set TMPDIR to another folder, or resume it");
}

JournalCopy::~JournalCopy() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

}  // namespace taskrun
