// SPDX-License-Identifier: MIT
#include "taskrun/mpi/doorbells.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <string>

#include "taskrun/mpi/checked.hpp"

namespace taskrun {
namespace {

// What a rank tells the others of its page. Two machines may have processes of the same number: the
// key, which is in the page as well, tells whether the right one was opened.
struct Address {
  std::int64_t pid = 0;
  std::int64_t fd = -1;
  std::uint64_t key = 0;
};

struct Page {
  std::uint64_t key;
  Bell bell;
};

// Never unmapped: slots that are stuck in a job's code may ring until the process has ended.
Page* map_page(int fd) {
  void* memory = mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<Page*>(memory);
}

std::uint64_t random_key() {
  std::uint64_t key = 0;
  return getentropy(&key, sizeof key) == 0 ? key : 0;
}

/// Makes this rank's page; without a descriptor in the address where that does not work.
Address make_page(Page*& page) {
  Address address{getpid(), memfd_create("taskrun-bell", MFD_CLOEXEC), random_key()};
  const int fd = static_cast<int>(address.fd);
  if (fd < 0 || ftruncate(fd, sizeof(Page)) != 0) return {};
  page = map_page(fd);
  if (page == nullptr) return {};
  page->key = address.key;
  return address;
}

Bell* open_page(const Address& address) {
  if (address.fd < 0 || address.key == 0) return nullptr;
  const std::string path =
      "/proc/" + std::to_string(address.pid) + "/fd/" + std::to_string(address.fd);
  // Opening what it is not (a terminal, a pipe) must have no effect.
  const int fd = open(path.c_str(), O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return nullptr;
  const bool large_enough = lseek(fd, 0, SEEK_END) >= static_cast<off_t>(sizeof(Page));
  Page* page = large_enough ? map_page(fd) : nullptr;
  close(fd);
  if (page == nullptr || page->key == address.key) return page == nullptr ? nullptr : &page->bell;
  munmap(page, sizeof(Page));
  return nullptr;
}

}  // namespace

Doorbells::Doorbells(MPI_Comm comm, Wakeup& own) {
  int rank = 0;
  int size = 0;
  check(MPI_Comm_rank(comm, &rank), "MPI_Comm_rank");
  check(MPI_Comm_size(comm, &size), "MPI_Comm_size");
  Page* page = nullptr;
  const Address mine = make_page(page);
  std::vector<Address> all(static_cast<std::size_t>(size));
  check(MPI_Allgather(&mine, sizeof mine, MPI_BYTE, all.data(), sizeof mine, MPI_BYTE, comm),
        "MPI_Allgather");
  bool reached_all = true;
  bells_.resize(all.size(), nullptr);
  for (std::size_t other = 0; other < all.size(); ++other) {
    if (other == static_cast<std::size_t>(rank)) continue;
    bells_[other] = open_page(all[other]);
    reached_all &= bells_[other] != nullptr;
  }
  // Only when all reach all: then nobody must be told who reaches whom. It also keeps the pages
  // open until everybody has them.
  int mutual = reached_all ? 1 : 0;
  check(MPI_Allreduce(MPI_IN_PLACE, &mutual, 1, MPI_INT, MPI_MIN, comm), "MPI_Allreduce");
  all_ring_ = mutual == 1 && page != nullptr;
  if (page != nullptr) own.move_to(page->bell);
  if (mine.fd >= 0) close(static_cast<int>(mine.fd));
}

}  // namespace taskrun
