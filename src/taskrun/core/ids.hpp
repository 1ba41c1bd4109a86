// SPDX-License-Identifier: MIT
// Numbers that must not be mixed up get types of their own.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace taskrun {

/// A number that names one thing of kind Tag; ordered, hashable, no arithmetic.
template <class Tag, class Number>
struct Id {
  Number value{};
  friend constexpr auto operator<=>(Id, Id) = default;
};

/// A worker: the rank it runs on.
using WorkerId = Id<struct WorkerTag, std::uint32_t>;

/// A run, among those that one session drives over the same ranks. None has the number 0.
using RunId = Id<struct RunTag, std::uint64_t>;

/// A lease. The coordinator numbers them 1, 2, 3, … in the order it grants them.
using LeaseId = Id<struct LeaseTag, std::uint64_t>;

}  // namespace taskrun

template <class Tag, class Number>
struct std::hash<taskrun::Id<Tag, Number>> {
  std::size_t operator()(taskrun::Id<Tag, Number> id) const noexcept {
    return std::hash<Number>{}(id.value);
  }
};
