// SPDX-License-Identifier: MIT
// Durations counted in buckets that grow by a quarter of a power of two: mergeable, quantiles
// within 25 %, 2 KiB once something was recorded and next to nothing before.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "taskrun/core/time.hpp"

namespace taskrun {

class DurationHistogram {
 public:
  static constexpr std::size_t bucket_count = 256;

  void record(Duration d) { add_to_bucket(bucket(d), 1); }
  void merge(const DurationHistogram& other) {
    for (std::size_t i = 0; i < other.counts_.size(); ++i) add_to_bucket(i, other.counts_[i]);
  }

  std::uint64_t count() const {
    std::uint64_t sum = 0;
    for (const auto c : counts_) sum += c;
    return sum;
  }
  /// The upper edge of the bucket that holds the q-quantile, 0 <= q <= 1; zero when empty.
  Duration quantile(double q) const {
    const auto rank = static_cast<std::uint64_t>(q * static_cast<double>(count()));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > rank || (seen == rank && seen > 0)) return upper_edge(i);
    }
    return Duration::zero();
  }

  /// For messages: bucket_count counts, or none.
  const std::vector<std::uint64_t>& counts() const { return counts_; }
  void add_to_bucket(std::size_t index, std::uint64_t count) {
    if (counts_.empty()) counts_.resize(bucket_count);
    counts_.at(index) += count;
  }

 private:
  // Values below 4 have a bucket each; then four buckets for each power of two.
  static std::size_t bucket(Duration d) {
    const auto ns = static_cast<std::uint64_t>(d.count() > 0 ? d.count() : 0);
    if (ns < 4) return ns;
    const unsigned power = static_cast<unsigned>(std::bit_width(ns)) - 1;
    return 4 * (power - 1) + ((ns >> (power - 2)) & 3);
  }
  static Duration upper_edge(std::size_t bucket) {
    if (bucket < 4) return Duration(bucket);
    const auto power = static_cast<unsigned>(bucket / 4 + 1);
    const auto quarter = bucket % 4;
    return Duration(((std::uint64_t{4} + quarter + 1) << (power - 2)) - 1);
  }

  std::vector<std::uint64_t> counts_;
};

}  // namespace taskrun
