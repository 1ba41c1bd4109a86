// SPDX-License-Identifier: MIT
// How a frame travels as MPI messages. A small one is one message, header and body; of a larger one
// the header is a message of its own and the body follows in segments. Messages between two ranks
// keep their order, so segments need no numbers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace taskrun::wire {

/// The tag of a message.
enum class Kind : int {
  head = 1,     ///< a header, and the body if it is small
  segment = 2,  ///< the next bytes of the body whose header came last from there
};

/// Bytes of header and body in one message: what MPI sends at once, without asking the receiver
/// first. Over shared memory that is 4 KiB, of which MPI's own header takes a part.
inline constexpr std::size_t most_head_bytes = 4032;

/// MPI counts with int, so bodies above 2 GiB must be cut. 64 MiB is far above the size at which
/// the rate of a link stops growing.
inline constexpr std::uint64_t segment_bytes = std::uint64_t{64} << 20;

}  // namespace taskrun::wire
