// SPDX-License-Identifier: MIT
#include "app/cli/setting_params.hpp"

#include "taskrun/core/error.hpp"

namespace taskrun {

Param flag_param(std::string name, bool& member, std::string help) {
  Params params;
  params.flag(std::move(name), member, std::move(help));
  return params.all().front();
}

Param count_param(std::string name, std::uint64_t& member, std::string help, std::uint64_t min,
                  std::uint64_t max) {
  Params params;
  params.count(std::move(name), member, std::move(help), min, max);
  return params.all().front();
}

Param duration_param(std::string name, Duration& member, std::string help) {
  Params params;
  params.duration(std::move(name), member, std::move(help));
  return params.all().front();
}

Param file_param(std::string name, std::string& member, std::string help,
                 const std::string& otherwise) {
  const std::string complaint = "--" + name + " needs the name of a file" + otherwise;
  return {std::move(name),
          std::move(help),
          "FILE",
          "",
          "",
          [&member, complaint](std::string_view text) {
            if (text.empty()) throw usage_error(complaint);
            member = text;
          },
          [&member] { return member; }};
}

std::string either(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  }
  return text;
}

Param with_letter(char letter, Param param) {
  param.letter = letter;
  return param;
}

Param with_default(std::string text, Param param) {
  param.default_value = std::move(text);
  return param;
}

}  // namespace taskrun
