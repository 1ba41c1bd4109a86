// SPDX-License-Identifier: MIT
#include "app/cli/look_settings.hpp"

#include "app/cli/setting_params.hpp"

namespace taskrun {

std::vector<Param> look_params(LookSettings& settings, LookAt what) {
  std::vector<Param> params{flag_param("json", settings.as_json, "write JSON, for programs")};
  if (what == LookAt::log) {
    params.push_back(flag_param("failed", settings.failed_only,
                                "list all chunks that failed permanently, instead of attempts"));
  }
  return params;
}

}  // namespace taskrun
