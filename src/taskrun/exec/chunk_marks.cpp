// SPDX-License-Identifier: MIT
#include "taskrun/exec/chunk_marks.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <fstream>

#include "taskrun/os/descriptor.hpp"
#include "taskrun/os/system_failure.hpp"

namespace taskrun {

ChunkMarks::ChunkMarks(const std::string& path, std::uint32_t slots) : size_(slots * sizeof(Cell)) {
  const Descriptor file =
      required(open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600),
               "make " + path);
  // Room that is missing is missed here, and not when a mark is set.
  if (const int error = posix_fallocate(file.fd(), 0, static_cast<off_t>(size_))) {
    throw_system_failure("make " + path, error);
  }
  void* const page = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd(), 0);
  if (page == MAP_FAILED) throw_system_failure("map " + path);
  cells_ = static_cast<Cell*>(page);
}

ChunkMarks::~ChunkMarks() { munmap(cells_, size_); }

std::vector<std::uint64_t> marked_chunks(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<std::uint64_t> chunks;
  std::uint64_t words[sizeof(ChunkMarks::Cell) / sizeof(std::uint64_t)];
  while (in.read(reinterpret_cast<char*>(words), sizeof words)) {
    if (words[0] != 0) chunks.push_back(words[0] - 1);
  }
  std::sort(chunks.begin(), chunks.end());
  chunks.erase(std::unique(chunks.begin(), chunks.end()), chunks.end());
  return chunks;
}

}  // namespace taskrun
