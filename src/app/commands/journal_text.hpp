// SPDX-License-Identifier: MIT
// What `status` and `log` write alike.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "taskrun/core/process_end.hpp"
#include "taskrun/journal/journal_reader.hpp"

namespace taskrun {

/// "2026-11-22 05:48:59", in this machine's time zone; of seconds since 1970. A journal may hold
/// any number: "an unknown time" where no calendar has it.
std::string time_text(double unix_seconds);

/// "3", "SIGKILL"; empty where no process ended.
std::string end_text(const ProcessEnd& end);

/// "exit_code" and "signal" of a process' end.
void add_end(nlohmann::json& to, const ProcessEnd& end);
nlohmann::json failure_json(const JournalFailure& failure);

}  // namespace taskrun
