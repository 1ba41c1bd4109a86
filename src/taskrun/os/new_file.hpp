// SPDX-License-Identifier: MIT
// A file to be written and then given its name. Until then it has none, and whoever is killed
// leaves nothing behind; where the file system knows no such files it has one that nobody can
// guess, so that whoever else may write to the folder cannot have put a link there.
#pragma once

#include <string>
#include <utility>

#include "taskrun/os/descriptor.hpp"

namespace taskrun {

/// Removed with its owner, unless it was given its name.
class NewFile {
 public:
  enum class Meanwhile {
    nameless,  ///< where that is possible
    named,
  };
  NewFile() = default;
  /// Beside that path, for writing, with the permissions that the umask leaves. Where it cannot be
  /// made it is not open, and errno says why.
  explicit NewFile(std::string path, Meanwhile meanwhile = Meanwhile::nameless);
  ~NewFile();
  NewFile(NewFile&& other) noexcept
      : path_(std::move(other.path_)),
        name_(std::exchange(other.name_, {})),
        file_(std::move(other.file_)) {}
  NewFile& operator=(NewFile&& other) noexcept;

  bool open() const { return file_.open(); }
  int fd() const { return file_.fd(); }
  const Descriptor& descriptor() const { return file_; }
  /// The path that it is made for.
  const std::string& path() const { return path_; }
  /// Closes it and gives it its name; what had the name is replaced. False, and errno, where that
  /// fails.
  bool keep();

 private:
  bool take_name();
  void remove();

  std::string path_;
  std::string name_;  // until it has its own; empty: none
  Descriptor file_;
};

}  // namespace taskrun
