// SPDX-License-Identifier: MIT
// Cuts bytes into lines, in whatever pieces they come. Pure: who reads is lines.hpp's matter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace taskrun {

/// What a line is.
struct LineRules {
  enum class Empty { skipped, kept };

  char separator = '\n';                                  ///< or '\0'
  Empty empty_lines = Empty::skipped;                     ///< they have a number all the same
  std::uint64_t longest_bytes = std::uint64_t{16} << 20;  ///< longer ones are refused
};

/// A line as it was cut. Where it is too long its text is not there.
struct CutLine {
  std::string_view text;     ///< without its end (of \n also \r\n)
  std::uint64_t number = 0;  ///< from 1
  bool too_long = false;
};

/// Keeps the begun line, at most as long as a line may be.
class LineSplitter {
 public:
  explicit LineSplitter(LineRules rules) : rules_(rules) {}

  /// Calls take(CutLine) for each line that ends in these bytes; its text is valid meanwhile.
  template <class Take>
  void feed(std::string_view bytes, Take take) {
    for (auto end = bytes.find(rules_.separator); end != bytes.npos;
         end = bytes.find(rules_.separator)) {
      cut(bytes.substr(0, end), take);
      bytes.remove_prefix(end + 1);
    }
    hold(bytes);
  }
  /// The end of the input, which may also be the end of a line.
  template <class Take>
  void finish(Take take) {
    if (!begun_.empty() || too_long_) cut({}, take);
  }

 private:
  template <class Take>
  void cut(std::string_view rest, Take take) {
    std::string_view line = rest;
    if (!begun_.empty() || too_long_ || rest.size() > rules_.longest_bytes) {
      hold(rest);
      line = begun_;
    }
    if (rules_.separator == '\n' && line.ends_with('\r')) line.remove_suffix(1);
    ++number_;
    if (!line.empty() || too_long_ || rules_.empty_lines == LineRules::Empty::kept) {
      take(CutLine{line, number_, too_long_});
    }
    begun_.clear();
    too_long_ = false;
  }

  void hold(std::string_view part) {
    too_long_ = too_long_ || begun_.size() + part.size() > rules_.longest_bytes;
    if (too_long_) {
      begun_ = {};
    } else {
      begun_ += part;
    }
  }

  const LineRules rules_;
  std::string begun_;
  bool too_long_ = false;
  std::uint64_t number_ = 0;
};

}  // namespace taskrun
