// SPDX-License-Identifier: MIT
// What a run computes, in words that every rank and every helper process understands.
#pragma once

#include <string>
#include <vector>

#include "taskrun/core/bytes.hpp"

namespace taskrun {

struct JobSpec {
  struct Value {
    std::string name;
    std::string text;  ///< as on a command line, such as "1e9"; empty for a flag
  };

  std::string name;           ///< of the job, among those of the program
  std::vector<Value> values;  ///< of its parameters; those that are left out have their defaults
};

Bytes encode_job_spec(const JobSpec& spec);
/// Throws CorruptData.
JobSpec decode_job_spec(ByteView in);

}  // namespace taskrun
