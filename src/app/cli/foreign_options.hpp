// SPDX-License-Identifier: MIT
// Options that other programs have, and earlier versions of this one had: what they are here.
#pragma once

#include <string>
#include <string_view>

namespace taskrun {

/// What to do in place of an option that is not ours: of GNU parallel, xargs, mpirun, joblib, or of
/// an earlier version. `name` has its dashes and no value. `takes_commands`: for a job whose
/// options end at its first word, such as exec. Empty where nothing is known.
std::string advice_on_foreign(std::string_view name, bool takes_commands,
                              const std::string& program);

}  // namespace taskrun
