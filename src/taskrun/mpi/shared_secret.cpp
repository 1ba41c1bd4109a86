// SPDX-License-Identifier: MIT
#include "taskrun/mpi/shared_secret.hpp"

#include <fcntl.h>
#include <mpi.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>

#include "taskrun/core/error.hpp"
#include "taskrun/mpi/checked.hpp"
#include "taskrun/os/descriptor.hpp"

namespace taskrun {
namespace {

using Digits = std::array<char, 32>;

// Where the others find what rank 0 keeps, for all to see. Two machines may have processes of the
// same number: the mark, which is kept as well, tells whether the right one was opened.
struct Place {
  std::int64_t pid = 0;
  std::int64_t fd = -1;
  Digits mark{};
};

struct Kept {
  Digits mark;
  Digits secret;
};

Digits random_digits() {
  std::array<unsigned char, 16> bytes{};
  if (getentropy(bytes.data(), bytes.size()) != 0) {
    throw environment_error("the system has no random numbers");
  }
  Digits digits{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    digits[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
    digits[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
  }
  return digits;
}

std::string text(const Digits& digits) { return {digits.begin(), digits.end()}; }

int own_rank() {
  int rank = 0;
  check(MPI_Comm_rank(MPI_COMM_WORLD, &rank), "MPI_Comm_rank");
  return rank;
}

template <class Value>
void take_from_first(Value& value) {
  check(MPI_Bcast(&value, sizeof value, MPI_BYTE, 0, MPI_COMM_WORLD), "MPI_Bcast");
}

bool on_all_ranks(bool here) {
  int all = here ? 1 : 0;
  check(MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD), "MPI_Allreduce");
  return all == 1;
}

Place keep(const Kept& kept, Descriptor& file) {
  file.reset(memfd_create("taskrun-secret", MFD_CLOEXEC));
  if (write(file.fd(), &kept, sizeof kept) != static_cast<ssize_t>(sizeof kept)) return {};
  return {getpid(), file.fd(), kept.mark};
}

// False where it is not there, or is not this user's: whoever says where it is may be anybody.
bool find(const Place& place, Kept& kept) {
  if (place.fd < 0) return false;
  const std::string path = "/proc/" + std::to_string(place.pid) + "/fd/" + std::to_string(place.fd);
  // Opening what it is not (a terminal, a pipe) must have no effect.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat status {};
  return file.open() && fstat(file.fd(), &status) == 0 && S_ISREG(status.st_mode) &&
         status.st_uid == geteuid() &&
         pread(file.fd(), &kept, sizeof kept, 0) == static_cast<ssize_t>(sizeof kept) &&
         kept.mark == place.mark;
}

}  // namespace

std::string secret_by_kernel() {
  Kept kept{};
  Descriptor file;
  Place place;
  const bool first = own_rank() == 0;
  if (first) {
    kept = {random_digits(), random_digits()};
    place = keep(kept, file);
  }
  take_from_first(place);
  // Also keeps the file open until everybody has looked.
  const bool found = on_all_ranks(first ? place.fd >= 0 : find(place, kept));
  return found ? text(kept.secret) : "";
}

std::string secret_by_launcher() {
  const bool first = own_rank() == 0;
  Digits name{};
  std::string secret;
  int published = 0;
  if (first) {
    name = random_digits();
    secret = text(random_digits());
    // Without mpirun there is no such service, and MPI would say so to the user.
    published = std::getenv("OMPI_COMM_WORLD_RANK") != nullptr &&
                MPI_Publish_name(("taskrun-" + text(name)).c_str(), MPI_INFO_NULL,
                                 secret.c_str()) == MPI_SUCCESS;
  }
  take_from_first(published);
  if (published == 0) return "";
  take_from_first(name);
  const std::string service = "taskrun-" + text(name);
  if (!first) {
    std::array<char, MPI_MAX_PORT_NAME> found{};
    check(MPI_Lookup_name(service.c_str(), MPI_INFO_NULL, found.data()), "MPI_Lookup_name");
    secret = found.data();
  }
  // Not before everybody has it.
  check(MPI_Barrier(MPI_COMM_WORLD), "MPI_Barrier");
  if (first) {
    check(MPI_Unpublish_name(service.c_str(), MPI_INFO_NULL, secret.c_str()), "MPI_Unpublish_name");
  }
  return secret;
}

std::string shared_secret() {
  int size = 0;
  check(MPI_Comm_size(MPI_COMM_WORLD, &size), "MPI_Comm_size");
  if (size == 1) return "";
  const std::string secret = secret_by_kernel();
  return secret.empty() ? secret_by_launcher() : secret;
}

}  // namespace taskrun
