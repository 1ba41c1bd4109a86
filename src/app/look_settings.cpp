// SPDX-License-Identifier: MIT
#include "app/look_settings.hpp"

#include "app/setting_params.hpp"

namespace taskrun {

std::vector<Param> look_params(LookSettings& settings) {
  return {flag_param("json", settings.as_json, "write JSON, for programs")};
}

}  // namespace taskrun
