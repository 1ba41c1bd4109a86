// SPDX-License-Identifier: MIT
// Where words go in a table: by hashes with a key that each process draws at random, so that nobody
// can write a text whose words all meet at one place. What leaves the process never depends on it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace taskrun {

/// SipHash-1-3 (Aumasson and Bernstein), for texts of any length.
std::uint64_t sip_hash(const std::array<std::uint64_t, 2>& key, std::string_view text);

class WordHash {
 public:
  /// With the process' key.
  WordHash() : WordHash(of_process()) {}

  /// Of two numbers: the halves of a product mixed, so that every bit of both reaches the upper
  /// bits.
  std::uint64_t operator()(std::uint64_t a, std::uint64_t b) const {
    return folded(a ^ first_, b ^ last_) * odd_;
  }
  std::uint64_t operator()(std::string_view text) const { return sip_hash(text_, text); }

 private:
  WordHash(std::uint64_t first, std::uint64_t last, std::uint64_t odd,
           std::array<std::uint64_t, 2> text)
      : first_(first), last_(last), odd_(odd | 1), text_(text) {}
  static const WordHash& of_process();

  static std::uint64_t folded(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = Wide{a} * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
  }

  std::uint64_t first_;
  std::uint64_t last_;
  std::uint64_t odd_;
  std::array<std::uint64_t, 2> text_;
};

}  // namespace taskrun
