// SPDX-License-Identifier: MIT
// A folder in memory for what launcher and ranks share on this host. They leave files behind when
// they are killed; with the folder they are gone. Where the supervisor is killed a small process
// that waits for its end removes the folder; where that one is killed too, the next supervisor
// does.
#pragma once

#include <filesystem>

#include "taskrun/os/descriptor.hpp"

namespace taskrun {

class SharedFolder {
 public:
  /// Also removes those of supervisors that died. Forks: call it before there are threads. Throws
  /// Error (environment).
  SharedFolder();
  /// In another folder than that for all.
  explicit SharedFolder(const std::filesystem::path& where);
  ~SharedFolder();
  SharedFolder(const SharedFolder&) = delete;
  SharedFolder& operator=(const SharedFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Whether what a launcher keeps there by default is more than fits.
  bool has_little_room() const;
  /// Removes what is in it: nobody uses it any more.
  void empty() const;

 private:
  std::filesystem::path path_;
  Descriptor lock_;   // held as long as this process lives
  Descriptor alive_;  // likewise: what the sweeper waits for
};

}  // namespace taskrun
