// SPDX-License-Identifier: MIT
#include "taskrun/core/bytes.hpp"

#include <xxhash.h>

namespace taskrun {

std::uint64_t checksum(ByteView bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace taskrun
