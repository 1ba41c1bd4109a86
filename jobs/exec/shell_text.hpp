// SPDX-License-Identifier: MIT
// A text for /bin/sh with replacement strings in it: values become parameters of the shell, which
// never reads them as its language, be it dash or bash.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exec/reference.hpp"

namespace taskrun {

struct ShellText {
  std::string script;
  std::vector<ExecReference> parameters;  ///< $1 and on
  bool names_values = false;              ///< it says where a value goes
};

/// Where the text names no value, neither by a replacement string nor as "$1" or "$@", and
/// `appends` is asked for, {} is appended. Throws Error (usage) where that makes no sense, and
/// where a value would stand in what a shell or another program reads as code.
ShellText shell_text(std::string_view text, const ExecNames& names, ReferenceReader& reader,
                     bool appends);

}  // namespace taskrun
