// SPDX-License-Identifier: MIT
#include "taskrun/os/build_digest.hpp"

#include <elf.h>
#include <link.h>

#include <fstream>
#include <iterator>
#include <string>

#include "taskrun/core/bytes.hpp"

namespace taskrun {
namespace {

// Names and descriptions in notes are padded to this.
constexpr std::size_t padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

// The description of the build identifier among the notes of a segment.
ByteView build_id_in(ByteView notes) {
  while (notes.size() >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) header;
    std::memcpy(&header, notes.data(), sizeof header);
    const std::size_t name = sizeof header;
    const std::size_t description = name + padded(header.n_namesz);
    const std::size_t end = description + padded(header.n_descsz);
    if (end > notes.size()) break;
    if (header.n_type == NT_GNU_BUILD_ID) return notes.subspan(description, header.n_descsz);
    notes = notes.subspan(end);
  }
  return {};
}

// The first object that is told of is the program itself.
int look_at_program(dl_phdr_info* program, std::size_t, void* found) {
  for (int i = 0; i < program->dlpi_phnum; ++i) {
    const auto& segment = program->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const auto* begin = reinterpret_cast<const std::byte*>(program->dlpi_addr + segment.p_vaddr);
    const ByteView id = build_id_in({begin, segment.p_memsz});
    if (!id.empty()) *static_cast<ByteView*>(found) = id;
  }
  return 1;
}

}  // namespace

std::uint64_t build_digest() {
  ByteView id;
  dl_iterate_phdr(look_at_program, &id);
  if (!id.empty()) return checksum(id);
  std::ifstream program("/proc/self/exe", std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(program), {});
  return checksum(view_of(whole));
}

}  // namespace taskrun
