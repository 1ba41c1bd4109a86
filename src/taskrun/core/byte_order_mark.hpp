// SPDX-License-Identifier: MIT
// The mark that some editors and spreadsheets put before a text in UTF-8. It is no part of the
// text.
#pragma once

#include <string_view>

namespace taskrun {

inline constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// What follows the mark; all of it where there is none.
inline std::string_view without_byte_order_mark(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return text;
}

}  // namespace taskrun
