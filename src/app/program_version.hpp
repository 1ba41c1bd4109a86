// SPDX-License-Identifier: MIT
#pragma once

namespace taskrun {

/// "0.1.0".
const char* program_version();
/// The commit of its sources, with its date.
const char* program_commit();

}  // namespace taskrun
