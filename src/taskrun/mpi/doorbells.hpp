// SPDX-License-Identifier: MIT
// MPI never wakes a sleeper. Ranks on one machine therefore share a page of memory each, with a
// bell that whoever sends to them rings.
#pragma once

#include <mpi.h>

#include <cstdint>
#include <vector>

#include "taskrun/os/wakeup.hpp"

namespace taskrun {

class Doorbells {
 public:
  /// All ranks of the communicator at the same time: it waits for all. From now on `own` is this
  /// rank's shared bell. Where sharing does not work (another machine, another user, no right to
  /// look) a rank is not reached, and looks for messages by itself.
  Doorbells(MPI_Comm comm, Wakeup& own);

  void ring(std::uint32_t rank) {
    if (bells_[rank] != nullptr) bells_[rank]->ring();
  }
  /// Whether everybody who sends to this rank rings.
  bool all_ring() const { return all_ring_; }

 private:
  std::vector<Bell*> bells_;  // by rank; null where not reached
  bool all_ring_ = false;
};

}  // namespace taskrun
