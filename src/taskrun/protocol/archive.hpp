// SPDX-License-Identifier: MIT
// How a message becomes bytes and comes back: an archive that writes and one that reads go through
// the same list of fields (fields.hpp), so the two cannot differ. For this folder's own sources.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "taskrun/core/bytes.hpp"
#include "taskrun/core/time.hpp"

namespace taskrun {

/// A message, to be written (const) or read.
template <class T, class Message>
concept FieldsOf = std::is_same_v<std::remove_const_t<T>, Message>;

class WritingArchive {
 public:
  static constexpr bool reads = false;
  explicit WritingArchive(Bytes& out) : out_(out) {}

  template <class Number>
  void number(const Number& n) {
    out_.put(n);
  }
  void flag(bool f) { out_.put(f); }
  template <class Enum>
  void choice(const Enum& choice, Enum /*last*/) {
    out_.put(choice);
  }
  void duration(Duration d) { out_.put<std::int64_t>(d.count()); }
  void text(const std::string& s) { out_.put_sized(view_of(s)); }
  void bytes(const Bytes& b) { out_.put_sized(b); }
  template <class T>
  void list(const std::vector<T>& items) {
    out_.put<std::uint64_t>(items.size());
    for (const T& item : items) fields(*this, item);
  }

 private:
  ByteWriter out_;
};

/// What each item of a list takes at least.
template <class T>
std::size_t least_size() {
  static const std::size_t size = [] {
    Bytes bytes;
    WritingArchive out(bytes);
    const T smallest{};
    fields(out, smallest);
    return bytes.size();
  }();
  return size;
}

/// Throws CorruptData for what the other cannot have written.
class ReadingArchive {
 public:
  static constexpr bool reads = true;
  explicit ReadingArchive(ByteView in) : in_(in) {}

  template <class Number>
  void number(Number& n) {
    n = in_.take<Number>();
  }
  void flag(bool& f) {
    const auto byte = in_.take<std::uint8_t>();
    if (byte > 1) throw CorruptData("a truth value that is none");
    f = byte == 1;
  }
  template <class Enum>
  void choice(Enum& choice, Enum last) {
    const auto number = in_.take<std::underlying_type_t<Enum>>();
    if (number > static_cast<std::underlying_type_t<Enum>>(last)) {
      throw CorruptData("a choice that is none");
    }
    choice = static_cast<Enum>(number);
  }
  void duration(Duration& d) {
    d = Duration(in_.take<std::int64_t>());
    if (d < Duration::zero() || d > longest_duration) throw CorruptData("a time that is none");
  }
  void text(std::string& s) { s = in_.take_text(); }
  void bytes(Bytes& b) {
    const ByteView view = in_.take_sized();
    b.assign(view.begin(), view.end());
  }
  // Nothing is allocated for items that have not come.
  template <class T>
  void list(std::vector<T>& items) {
    const auto count = in_.take<std::uint64_t>();
    if (count > in_.left() / least_size<T>()) throw CorruptData("a list longer than its message");
    items.resize(count);
    for (T& item : items) fields(*this, item);
  }

  /// To be called when all fields were read.
  void finish() const {
    if (!in_.at_end()) throw CorruptData("a message longer than its fields");
  }

 private:
  // No run lasts longer; far enough from the end of what a Duration holds to be added up.
  static constexpr Duration longest_duration = std::chrono::hours(24 * 365 * 10);

  ByteReader in_;
};

}  // namespace taskrun
