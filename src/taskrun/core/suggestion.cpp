// SPDX-License-Identifier: MIT
#include "taskrun/core/suggestion.hpp"

#include <algorithm>

namespace taskrun {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min(
          {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

std::string nearest(std::string_view typed, const std::vector<std::string>& names) {
  const auto bare = [](std::string_view name) {
    return name.substr(std::min(name.find_first_not_of('-'), name.size()));
  };
  const std::string_view typed_bare = bare(typed);
  std::string best;
  // One slip in three characters is a slip; more is another word. What a name begins with, its
  // dashes, makes it no nearer.
  std::size_t best_distance = std::max<std::size_t>(1, typed_bare.size() / 3) + 1;
  for (const auto& name : names) {
    const bool begun = typed_bare.size() >= 2 && name.starts_with(typed);
    // In a word of two letters one is half of it.
    if (!begun && typed_bare.size() < 3) continue;
    const std::size_t distance = begun ? 1 : edit_distance(typed_bare, bare(name));
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

std::string suggestion(std::string_view typed, const std::vector<std::string>& names) {
  const std::string name = nearest(typed, names);
  return name.empty() ? "" : "; did you mean '" + name + "'?";
}

}  // namespace taskrun
