// SPDX-License-Identifier: MIT
#include "taskrun/os/new_file.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <utility>

namespace taskrun {
namespace {

// One that is taken by chance is no reason to give up.
constexpr int most_tries = 100;

std::string random_letters() {
  constexpr std::string_view letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  std::array<unsigned char, 12> bytes{};
  while (::getrandom(bytes.data(), bytes.size(), 0) < 0 && errno == EINTR) {
  }
  std::string text;
  for (const unsigned char byte : bytes) text += letters[byte % letters.size()];
  return text;
}

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/') + 1);  // 0 where there is none
}

std::string descriptor_path(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

// Calls try_name with names in the folder until one is not taken; which one, or none and errno.
template <class TryName>
std::string free_name(const std::string& folder, TryName try_name) {
  for (int tries = 0; tries < most_tries; ++tries) {
    std::string name = folder + ".taskrun-" + random_letters();
    if (try_name(name.c_str())) return name;
    if (errno != EEXIST) break;
  }
  return {};
}

Descriptor nameless_file(const std::string& folder) {
  const char* const place = folder.empty() ? "." : folder.c_str();
  Descriptor file(::open(place, O_TMPFILE | O_WRONLY | O_APPEND | O_CLOEXEC, 0666));
  // Without it there would be no way to give it a name.
  if (file.open() && ::access(descriptor_path(file.fd()).c_str(), F_OK) != 0) file.reset();
  return file;
}

}  // namespace

NewFile::NewFile(std::string path, Meanwhile meanwhile) : path_(std::move(path)) {
  const std::string folder = folder_of(path_);
  if (meanwhile == Meanwhile::nameless) file_ = nameless_file(folder);
  if (file_.open()) return;
  name_ = free_name(folder, [this](const char* name) {
    constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    file_.reset(::open(name, flags, 0666));
    return file_.open();
  });
}

NewFile::~NewFile() { remove(); }

NewFile& NewFile::operator=(NewFile&& other) noexcept {
  if (this == &other) return *this;
  remove();
  path_ = std::move(other.path_);
  name_ = std::exchange(other.name_, {});
  file_ = std::move(other.file_);
  return *this;
}

void NewFile::remove() {
  file_.reset();
  if (!name_.empty()) ::unlink(name_.c_str());
}

// Its own where nobody has that; else another, which takes its place.
bool NewFile::take_name() {
  const std::string from = descriptor_path(file_.fd());
  const auto link = [&](const char* name) {
    return ::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
  };
  if (link(path_.c_str())) return true;
  if (errno != EEXIST) return false;
  name_ = free_name(folder_of(path_), link);
  return !name_.empty();
}

bool NewFile::keep() {
  if (name_.empty() && !take_name()) return false;
  if (name_.empty()) {
    // Some file systems tell of a full disk here only; none of those have files without a name.
    if (::close(file_.release()) == 0) return true;
    const int error = errno;
    ::unlink(path_.c_str());
    errno = error;
    return false;
  }
  // Some file systems tell of a full disk here only.
  if (::close(file_.release()) != 0 || ::rename(name_.c_str(), path_.c_str()) != 0) return false;
  name_.clear();
  return true;
}

}  // namespace taskrun
