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

}  // namespace

NewFile::NewFile(std::string path) : path_(std::move(path)) {
  const auto slash = path_.rfind('/') + 1;  // 0 where there is none
  for (int tries = 0; tries < most_tries; ++tries) {
    const std::string name = path_.substr(0, slash) + ".taskrun-" + random_letters();
    constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    file_.reset(::open(name.c_str(), flags, 0666));
    if (file_.open()) {
      name_ = name;
      return;
    }
    if (errno != EEXIST) return;
  }
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

bool NewFile::keep() {
  // Some file systems tell of a full disk here only.
  if (::close(file_.release()) != 0 || ::rename(name_.c_str(), path_.c_str()) != 0) return false;
  name_.clear();
  return true;
}

}  // namespace taskrun
