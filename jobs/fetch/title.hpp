// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace taskrun {

/// Runs of space as one, and nothing that a terminal would act on.
std::string one_line(std::string_view text);

/// The title of an HTML page, of which this is the beginning: as browsers find it, in UTF-8, its
/// entities decoded, on one line. Whatever the page holds, it costs a few milliseconds and as much
/// memory as a few copies of the text.
std::string title_of(std::string_view html, std::string_view content_type = "");

}  // namespace taskrun
