// SPDX-License-Identifier: MIT
// The characters of a page, found as browsers do.
#pragma once

#include <string>
#include <string_view>

namespace taskrun {

/// The beginning of an HTML page in UTF-8, without a byte-order mark. Its encoding is that of the
/// mark, of the Content-Type, of a <meta> in its first bytes; of others UTF-8 where it is that,
/// else windows-1252. What makes no sense in it becomes U+FFFD.
std::string page_in_utf8(std::string_view html, std::string_view content_type);

}  // namespace taskrun
