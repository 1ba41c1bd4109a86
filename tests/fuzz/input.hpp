// SPDX-License-Identifier: MIT
// Takes values from the bytes that libFuzzer gives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return static_cast<std::uint8_t>(c);
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    const std::size_t size = rest_.size() < 8 ? rest_.size() : 8;
    if (size > 0) std::memcpy(&value, rest_.data(), size);
    rest_.remove_prefix(size);
    return value;
  }
  // Up to the next separator, which is taken too.
  std::string_view until(char separator) {
    const auto at = rest_.find(separator);
    const auto part = rest_.substr(0, at);
    rest_.remove_prefix(at == rest_.npos ? rest_.size() : at + 1);
    return part;
  }
  std::string_view rest() {
    const auto all = rest_;
    rest_ = {};
    return all;
  }
  std::vector<std::string> words(char separator) {
    std::vector<std::string> all;
    while (!empty()) all.emplace_back(until(separator));
    return all;
  }

 private:
  std::string_view rest_;
};

}  // namespace fuzz

// A property that does not hold: libFuzzer keeps the input.
#define FUZZ_REQUIRE(condition)                                                               \
  do {                                                                                        \
    if (!(condition)) {                                                                       \
      std::fprintf(stderr, "property broken: %s at %s:%d\n", #condition, __FILE__, __LINE__); \
      std::abort();                                                                           \
    }                                                                                         \
  } while (false)
