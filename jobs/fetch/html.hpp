// SPDX-License-Identifier: MIT
// The tags of an HTML page, one after the other, as browsers cut them: in time that grows with the
// text alone, and without memory.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace taskrun {

struct HtmlTag {
  std::string name;  ///< in lower case
  bool is_end = false;
  bool closes_itself = false;
  std::string_view attributes;  ///< between the name and '>'
};

class HtmlTags {
 public:
  explicit HtmlTags(std::string_view html) : html_(html) {}

  /// The next one that is whole. `foreign`: within SVG or MathML, where CDATA is text.
  std::optional<HtmlTag> next(bool foreign = false);
  /// The text from here to that end tag, or to the end; goes behind it. For elements that have no
  /// tags in them.
  std::string_view text_until_end_of(std::string_view name);

 private:
  void skip_past(std::string_view what);
  void skip_declaration(bool foreign);

  std::string_view html_;
  std::size_t at_ = 0;
};

/// Calls take(name, value) for each attribute; names are in lower case.
void for_attributes(std::string_view attributes,
                    const std::function<void(const std::string&, std::string_view)>& take);

std::string in_lower_case(std::string_view text);

}  // namespace taskrun
