// SPDX-License-Identifier: MIT
// Processes that no person sits before.
#pragma once

namespace taskrun {

/// This process, and what it starts from now on, has no terminal: /dev/tty cannot be opened. In the
/// background a process that reads its terminal would be stopped, and waited for in vain. It stays
/// in its session and group. May be called between vfork and exec.
void leave_terminal() noexcept;

}  // namespace taskrun
