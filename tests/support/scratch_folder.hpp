// SPDX-License-Identifier: MIT
// A folder of the test's own, gone afterwards with all that is in it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace taskrun::testing {

class ScratchFolder {
 public:
  enum class On {
    disk,
    memory,  ///< where syncing costs nothing, if there is such a place
  };

  explicit ScratchFolder(On on = On::disk) {
    namespace fs = std::filesystem;
    const fs::path memory = "/dev/shm";
    const bool in_memory = on == On::memory && fs::is_directory(memory);
    std::string name =
        ((in_memory ? memory : fs::temp_directory_path()) / "taskrun_test.XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string path() const { return path_; }
  std::string file(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline std::string file_content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void put_file(const std::string& path, std::string_view content) {
  std::ofstream(path, std::ios::binary)
      .write(content.data(), static_cast<std::streamsize>(content.size()));
}

}  // namespace taskrun::testing
