// SPDX-License-Identifier: MIT
#include "taskrun/os/unnamed_file.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <vector>

#include "taskrun/core/error.hpp"
#include "taskrun/os/temporary_folder.hpp"
#include "taskrun/os/write_all.hpp"

namespace taskrun {
namespace {

constexpr std::size_t compared_bytes = 1 << 20;

Error failure(const std::string& what) {
  return environment_error(what + " a temporary file: " + std::generic_category().message(errno) +
                           "; free some room there, or set TMPDIR");
}

// Reads a block, or what is left.
std::size_t read_block(const Descriptor& file, std::uint64_t offset, std::vector<char>& block) {
  std::size_t size = 0;
  while (size < block.size()) {
    const ssize_t count = pread(file.fd(), block.data() + size, block.size() - size,
                                static_cast<off_t>(offset + size));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw failure("cannot read");
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  return size;
}

}  // namespace

Descriptor unnamed_file() {
  std::string name = (temporary_folder() / "taskrun.XXXXXX").string();
  Descriptor file(mkostemp(name.data(), O_CLOEXEC));
  if (!file.open()) throw failure("cannot make");
  unlink(name.c_str());
  return file;
}

Descriptor reopened(const Descriptor& file, std::uint64_t offset) {
  const std::string name = "/proc/self/fd/" + std::to_string(file.fd());
  Descriptor again(open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if (!again.open() || lseek(again.fd(), static_cast<off_t>(offset), SEEK_SET) < 0) {
    throw failure("cannot read");
  }
  return again;
}

void append(const Descriptor& file, std::string_view bytes) {
  if (!write_all(file.fd(), bytes)) throw failure("cannot write");
}

std::optional<std::uint64_t> first_difference(const Descriptor& a, const Descriptor& b) {
  std::vector<char> of_a(compared_bytes);
  std::vector<char> of_b(compared_bytes);
  for (std::uint64_t offset = 0;;) {
    const std::size_t size_a = read_block(a, offset, of_a);
    const std::size_t size_b = read_block(b, offset, of_b);
    const std::size_t both = std::min(size_a, size_b);
    const auto end = of_a.begin() + static_cast<std::ptrdiff_t>(both);
    const auto at = std::mismatch(of_a.begin(), end, of_b.begin()).first;
    offset += static_cast<std::uint64_t>(at - of_a.begin());
    if (at != end || size_a != size_b) return offset;
    if (both == 0) return std::nullopt;
  }
}

}  // namespace taskrun
