// SPDX-License-Identifier: MIT
#include "wordcount/word_hash.hpp"

#include <bit>
#include <cstring>
#include <random>

namespace taskrun {
namespace {

class SipState {
 public:
  explicit SipState(const std::array<std::uint64_t, 2>& key)
      : v0_(key[0] ^ 0x736f6d6570736575),
        v1_(key[1] ^ 0x646f72616e646f6d),
        v2_(key[0] ^ 0x6c7967656e657261),
        v3_(key[1] ^ 0x7465646279746573) {}

  void add(std::uint64_t word) {
    v3_ ^= word;
    round();
    v0_ ^= word;
  }
  std::uint64_t finish() {
    v2_ ^= 0xff;
    for (int i = 0; i < 3; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  void round() {
    v0_ += v1_;
    v2_ += v3_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v1_;
    v0_ += v3_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_, v1_, v2_, v3_;
};

std::uint64_t little_endian(const char* from, std::size_t size) {
  std::uint64_t number = 0;
  std::memcpy(&number, from, size);
  if constexpr (std::endian::native == std::endian::big) number = __builtin_bswap64(number);
  return number;
}

}  // namespace

std::uint64_t sip_hash(const std::array<std::uint64_t, 2>& key, std::string_view text) {
  SipState state(key);
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) state.add(little_endian(text.data() + at, 8));
  state.add(little_endian(text.data() + at, text.size() - at) | std::uint64_t{text.size()} << 56U);
  return state.finish();
}

const WordHash& WordHash::of_process() {
  static const WordHash key = [] {
    std::random_device random;
    const auto number = [&] { return std::uint64_t{random()} << 32U | random(); };
    const std::uint64_t first = number(), last = number(), odd = number(), text = number();
    return WordHash(first, last, odd, {text, number()});
  }();
  return key;
}

}  // namespace taskrun
