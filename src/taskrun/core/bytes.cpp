// SPDX-License-Identifier: MIT
#include "taskrun/core/bytes.hpp"

#include <xxhash.h>

namespace taskrun {

std::uint64_t checksum(ByteView bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

}  // namespace taskrun
