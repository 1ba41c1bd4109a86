// SPDX-License-Identifier: MIT
// Bytes and how numbers lie in them. Every machine of a run has the same byte order (the hello
// checks that the builds are the same), so numbers are copied as they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace taskrun {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

/// Bytes that are not what they should be: too short, a wrong checksum, an absurd length.
class CorruptData : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// XXH3, 64 bits. Finds accidents, not attackers.
std::uint64_t checksum(ByteView bytes);

inline ByteView view_of(std::string_view text) { return std::as_bytes(std::span(text)); }
inline std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Not inline on purpose: GCC 12 warns wrongly where it inlines the growth of a vector of bytes.
void append(Bytes& out, ByteView bytes);

/// Appends values to bytes.
class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) : out_(out) {}

  template <class T>
  void put(T value) {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    append(out_, std::as_bytes(std::span(&value, 1)));
  }
  void put_bytes(ByteView bytes) { append(out_, bytes); }
  /// With its length (64 bits) in front.
  void put_sized(ByteView bytes) {
    put<std::uint64_t>(bytes.size());
    put_bytes(bytes);
  }

 private:
  Bytes& out_;
};

/// Takes values from the front of bytes it does not own. Throws CorruptData where they end early.
class ByteReader {
 public:
  explicit ByteReader(ByteView in) : in_(in) {}

  template <class T>
  T take() {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    T value;
    std::memcpy(&value, take_bytes(sizeof value).data(), sizeof value);
    return value;
  }
  ByteView take_bytes(std::size_t count) {
    if (count > in_.size()) throw CorruptData("data ends early");
    const ByteView front = in_.first(count);
    in_ = in_.subspan(count);
    return front;
  }
  ByteView take_sized() { return take_bytes(take<std::uint64_t>()); }
  std::string take_text() { return std::string(text_of(take_sized())); }

  std::size_t left() const { return in_.size(); }
  bool at_end() const { return in_.empty(); }

 private:
  ByteView in_;
};

}  // namespace taskrun
