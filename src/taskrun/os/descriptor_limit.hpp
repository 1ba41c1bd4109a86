// SPDX-License-Identifier: MIT
// How many descriptors this process may have open (ulimit -n): as many as can be had here, and as
// many as the user set for the programs that it starts, of which some break with more.
#pragma once

#include <sys/resource.h>

namespace taskrun {

/// As this process, or the one it was forked from, began.
const rlimit& first_descriptor_limit();
/// Up to what the user may have, where that is more.
void raise_descriptor_limit();
/// In a child that becomes another program. Sets no more than the limit: fit for vfork().
void restore_descriptor_limit(const rlimit& first);

}  // namespace taskrun
