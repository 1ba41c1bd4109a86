// SPDX-License-Identifier: MIT
// The main job: counts, sums or lists the primes of an interval, or counts its prime k-tuplets.
// libprimesieve sieves each chunk; who computes which chunk is left to taskrun.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <nlohmann/json_fwd.hpp>

#include "taskrun/core/range.hpp"
#include "taskrun/data/payload.hpp"
#include "taskrun/job/context.hpp"
#include "taskrun/job/params.hpp"

namespace taskrun {

/// The whole numbers above `after`, up to `last`. Open on the left, so that an interval can end
/// with 2^64 - 1 and can be empty; what it loses is 0, which is not prime.
struct Numbers {
  std::uint64_t after = 0;
  std::uint64_t last = 0;

  std::uint64_t size() const { return last - after; }
  Numbers slice(ItemRange items) const { return {after + items.begin, after + items.end}; }
};

/// The parameters are the members. A count needs 64 bits, a sum 128: both are carried in 128.
class Sieve {
 public:
  void params(Params& params);
  void check() const;
  Numbers dataset() const;
  std::uint64_t chunk_size() const;
  bool emits() const { return list_; }

  /// Any thread. Throws Error (environment) where libprimesieve gives up.
  uint128 map(Numbers part, const Context& context) const;
  uint128 reduce(uint128 left, uint128 right) const { return left + right; }
  void print(uint128 result, std::ostream& out) const;
  nlohmann::json json(uint128 result) const;
  void emit(Numbers part, Output& output, const Context& context) const;

 private:
  Numbers whole_tuplets(Numbers part) const;

  std::uint64_t from_ = 0;
  std::uint64_t limit_ = 1'000'000'000;
  std::uint64_t tuplets_ = 1;
  bool sum_ = false;
  bool list_ = false;
};

}  // namespace taskrun
