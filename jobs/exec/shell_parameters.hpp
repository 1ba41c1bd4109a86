// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "exec/reference.hpp"

namespace taskrun {

/// Gives out the shell's parameters. Those of the item come first, so that "$1" is what one
/// expects; what else a replacement string stands for follows them.
class ShellParameters {
 public:
  ShellParameters(const ExecNames& names, bool with_values) : names_(names) {
    if (names.kind == ExecNames::Kind::nothing) return;
    const bool one = names.kind == ExecNames::Kind::fields;
    if (names.kind != ExecNames::Kind::sources && !with_values) return;
    for (std::size_t i = 0; i < (one ? 1 : names.value_count); ++i) {
      all_.push_back({one ? ExecReference::Which::row : ExecReference::Which::value, i,
                      ExecReference::Shape::whole});
    }
    value_count_ = all_.size();
  }

  /// The numbers of the parameters for a reference: of several sources each is one.
  std::vector<std::size_t> of(const ExecReference& reference) {
    if (reference.which != ExecReference::Which::all) return {number_of(reference)};
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < names_.value_count; ++i) {
      numbers.push_back(number_of({ExecReference::Which::value, i, reference.shape}));
    }
    return numbers;
  }
  std::size_t value_count() const { return value_count_; }
  const std::vector<ExecReference>& all() const { return all_; }

 private:
  std::size_t number_of(const ExecReference& reference) {
    const auto same = [&](const ExecReference& other) {
      return other.which == reference.which && other.value == reference.value &&
             other.shape == reference.shape;
    };
    const auto found = std::find_if(all_.begin(), all_.end(), same);
    const auto index = static_cast<std::size_t>(found - all_.begin());
    if (found == all_.end()) all_.push_back(reference);
    return index + 1;
  }

  const ExecNames& names_;
  std::vector<ExecReference> all_;
  std::size_t value_count_ = 0;
};

}  // namespace taskrun
