// SPDX-License-Identifier: MIT
#include "app/cli/option_splitter.hpp"

#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

class Splitter {
 public:
  Splitter(const std::vector<std::string>& arguments, const std::vector<Param>& params)
      : arguments_(arguments), params_(params) {
    split_.values.resize(params.size());
  }

  SplitArguments split() && {
    while (next_ < arguments_.size()) {
      const std::string& argument = arguments_[next_++];
      if (argument.starts_with("--")) {
        take_long(argument);
      } else if (argument.size() > 1 && argument[0] == '-') {
        take_short(argument);
      } else {
        split_.rest.push_back(argument);
      }
    }
    return std::move(split_);
  }

 private:
  static constexpr std::size_t none = SIZE_MAX;

  template <class Matches>
  std::size_t find(Matches matches) const {
    for (std::size_t i = 0; i < params_.size(); ++i) {
      if (!params_[i].is_arguments() && matches(params_[i])) return i;
    }
    return none;
  }

  void take_long(const std::string& argument) {
    const auto equals = argument.find('=');
    const std::string_view name = std::string_view(argument).substr(2, equals - 2);
    const auto found = find([&](const Param& param) { return param.name == name; });
    if (found == none) {
      split_.rest.push_back(argument);
    } else if (params_[found].is_flag()) {
      if (equals != argument.npos) refuse_value(params_[found]);
      split_.values[found].emplace_back();
    } else if (equals != argument.npos) {
      split_.values[found].push_back(argument.substr(equals + 1));
    } else {
      take_following(found);
    }
  }

  void take_short(std::string argument) {
    while (argument.size() > 1) {
      const auto found = find([&](const Param& param) { return param.letter == argument[1]; });
      if (found == none) {
        split_.rest.push_back(std::move(argument));
        return;
      }
      if (!params_[found].is_flag()) {
        if (argument.size() == 2) return take_following(found);
        split_.values[found].push_back(argument.substr(2));
        return;
      }
      if (argument.size() > 2 && argument[2] == '=') refuse_value(params_[found]);
      split_.values[found].emplace_back();
      argument.erase(1, 1);
    }
  }

  void take_following(std::size_t param) {
    if (next_ == arguments_.size()) {
      throw usage_error("--" + params_[param].name + " needs a value, and none follows");
    }
    split_.values[param].push_back(arguments_[next_++]);
  }

  [[noreturn]] static void refuse_value(const Param& flag) {
    throw usage_error("--" + flag.name + " takes no value; give it alone, or leave it out");
  }

  const std::vector<std::string>& arguments_;
  const std::vector<Param>& params_;
  std::size_t next_ = 0;
  SplitArguments split_;
};

}  // namespace

bool is_option(std::string_view argument) {
  return argument.size() > 1 && argument[0] == '-' &&
         std::string_view("0123456789.").find(argument[1]) == std::string_view::npos;
}

bool is_spelled(const Param& param, std::string_view argument) {
  return argument == "--" + param.name ||
         (argument.size() == 2 && argument[0] == '-' && argument[1] == param.letter);
}

std::vector<std::string> spellings(const std::vector<Param>& params) {
  std::vector<std::string> all;
  for (const auto& param : params) {
    if (param.is_arguments()) continue;
    all.push_back("--" + param.name);
    if (param.letter != '\0') all.push_back(std::string("-") + param.letter);
  }
  return all;
}

SplitArguments split_arguments(const std::vector<std::string>& arguments,
                               const std::vector<Param>& params) {
  return Splitter(arguments, params).split();
}

}  // namespace taskrun
