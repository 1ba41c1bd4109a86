// SPDX-License-Identifier: MIT
// Text from outside (file names, values, addresses, what servers say) as it may be shown to people.
#pragma once

#include <string>
#include <string_view>

namespace taskrun {

/// In one line, with nothing that a terminal acts on or that shows text in another order than it
/// is: control characters (C0, DEL, C1), line and paragraph separators, bidirectional controls and
/// bytes that are no UTF-8 are each shown as '?'. For people only: results on stdout stay as they
/// are.
std::string printable(std::string_view text);

/// Its first bytes, at most so many; no UTF-8 character is cut in two.
std::string_view first_bytes(std::string_view text, std::size_t most_bytes);

/// Whether it is UTF-8 from its first byte to its last.
bool has_only_utf8(std::string_view text);

}  // namespace taskrun
