// SPDX-License-Identifier: MIT
// Sums of doubles that do not depend on their order: nothing is rounded until the sum is asked for,
// so that any grid gives the same bits.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace taskrun {

/// A fixed-point number of some 2,200 bits, which any double can be added to exactly. Takes 600
/// bytes; adding takes a few nanoseconds.
class ExactSum {
 public:
  void add(double term) {
    const auto bits = std::bit_cast<std::uint64_t>(term);
    const auto exponent = static_cast<std::uint32_t>(bits >> 52 & 0x7ff);
    if (exponent == 0x7ff) {
      // Infinities and what is no number have no order to lose.
      not_finite_ += term;
      return;
    }
    // The term is fraction * 2^(place - 1074); the smallest ones have no bit in front.
    const std::uint64_t fraction = bits << 12 >> 12 | std::uint64_t{exponent != 0} << 52;
    const std::uint32_t place = exponent == 0 ? 0 : exponent - 1;
    add_at(place, fraction, bits >> 63 != 0 ? -1 : 1);
    if (++additions_ == most_additions) carry();
  }

  void add(ExactSum other) {
    other.carry();
    carry();
    for (std::size_t i = 0; i < limbs_.size(); ++i) limbs_[i] += other.limbs_[i];
    not_finite_ += other.not_finite_;
    carry();
  }

  /// The double nearest to the sum; infinite where it is too large.
  double value() const {
    if (not_finite_ != 0) return not_finite_;
    ExactSum sum = *this;
    sum.carry();
    const bool negative = sum.limbs_.back() < 0;
    if (negative) {
      for (auto& limb : sum.limbs_) limb = -limb;
      sum.carry();
    }
    return negative ? -sum.rounded() : sum.rounded();
  }

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    carry();
    for (auto& limb : limbs_) archive& limb;
    archive& not_finite_;
  }

 private:
  // Limb i counts 2^(32 i - lowest), from the lowest bit of the smallest double on.
  static constexpr int lowest = 1074;
  // Each addition changes a limb by less than 2^32.
  static constexpr std::uint32_t most_additions = std::uint32_t{1} << 30;
  static constexpr std::int64_t limb_mask = 0xffff'ffff;

  void add_at(std::uint32_t place, std::uint64_t fraction, std::int64_t sign) {
    __extension__ using Wide = unsigned __int128;
    const Wide shifted = Wide{fraction} << place % 32;
    std::int64_t* limb = &limbs_[place / 32];
    limb[0] += sign * static_cast<std::int64_t>(shifted & limb_mask);
    limb[1] += sign * static_cast<std::int64_t>(shifted >> 32 & limb_mask);
    limb[2] += sign * static_cast<std::int64_t>(shifted >> 64);
  }

  // Makes every limb but the last one a digit from 0 to 2^32 - 1: the one way to write the sum.
  void carry() {
    for (std::size_t i = 0; i + 1 < limbs_.size(); ++i) {
      limbs_[i + 1] += limbs_[i] >> 32;
      limbs_[i] &= limb_mask;
    }
    additions_ = 0;
  }

  // Of a sum that is not negative, and carried.
  double rounded() const {
    std::size_t top = limbs_.size() - 1;
    while (top > 2 && limbs_[top] == 0) --top;
    __extension__ using Wide = unsigned __int128;
    Wide head = Wide(limbs_[top]) << 64 | Wide(limbs_[top - 1]) << 32 | Wide(limbs_[top - 2]);
    bool below = false;
    for (std::size_t i = 0; i < top - 2; ++i) below = below || limbs_[i] != 0;
    // What lies below the head only decides between two neighbours in the middle of which it ends.
    if (below) head |= 1;
    return std::ldexp(static_cast<double>(head), 32 * static_cast<int>(top - 2) - lowest);
  }

  std::array<std::int64_t, 72> limbs_{};
  std::uint32_t additions_ = 0;
  double not_finite_ = 0;
};

}  // namespace taskrun
