// SPDX-License-Identifier: MIT
// What a rank and its helper processes say to each other over a stream socket: leases one way,
// reports the other. Each frame has its length and a checksum in front: the half of one that a dead
// helper leaves behind is never taken for a report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "taskrun/core/bytes.hpp"
#include "taskrun/protocol/work.hpp"

namespace taskrun {

struct HelperReport {
  enum class Kind : std::uint8_t {
    more,      ///< results of a lease that goes on
    last,      ///< the rest of a lease's results
    broken,    ///< the helper cannot go on, and neither can the run
    short_of,  ///< of something that the system has no more of here: other ranks may go on
  };
  Kind kind = Kind::last;
  Results results;
  std::string error;
};

/// Whole frames.
Bytes work_frame(const Work& work);
Bytes report_frame(const HelperReport& report);

/// From a frame's body; throw CorruptData.
Work decode_work(ByteView body);
HelperReport decode_report(ByteView body);

/// Cuts a stream into the bodies of its frames.
class FrameReader {
 public:
  enum class Got {
    some,
    nothing,  ///< for now
    end,      ///< nobody writes any more
  };
  /// Reads once; waits if the socket does and `flags` (of recv) do not say otherwise.
  Got read(int socket, int flags);
  /// The next whole body; valid until the next read. Throws CorruptData.
  std::optional<ByteView> next();

 private:
  Bytes buffer_;
  std::size_t begin_ = 0;  // what lies before was taken
};

/// Sends all, waiting as long as it takes. False when nobody reads any more.
bool send_all(int socket, ByteView bytes);

}  // namespace taskrun
