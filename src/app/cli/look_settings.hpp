// SPDX-License-Identifier: MIT
// What `status` and `log`, which look into a journal, take besides its name.
#pragma once

#include <vector>

#include "taskrun/job/params.hpp"

namespace taskrun {

struct LookSettings {
  bool as_json = false;
  bool failed_only = false;  ///< for `log`
};
enum class LookAt { status, log };

/// The settings as options, all of them flags, in the order of the help; `settings` outlives them.
std::vector<Param> look_params(LookSettings& settings, LookAt what);

}  // namespace taskrun
