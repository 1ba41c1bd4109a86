// SPDX-License-Identifier: MIT
#include "fetch/html.hpp"

#include <algorithm>

namespace taskrun {
namespace {

constexpr std::string_view spaces_of_html = " \t\n\f\r";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_html_space(char c) { return spaces_of_html.find(c) != spaces_of_html.npos; }

// Reads what follows a tag's name, as the standard's tokenizer does.
class Attributes {
 public:
  explicit Attributes(std::string_view text) : text_(text) {}

  /// False at the end of the tag, or of the text.
  bool next() {
    while (at_ < text_.size() && (is_html_space(text_[at_]) || text_[at_] == '/')) ++at_;
    if (at_ == text_.size() || text_[at_] == '>') return false;
    const auto begin = at_++;  // a '=' there is part of the name
    while (at_ < text_.size() &&
           std::string_view("=/>").find(text_[at_]) == std::string_view::npos &&
           !is_html_space(text_[at_])) {
      ++at_;
    }
    name = text_.substr(begin, at_ - begin);
    value = {};
    skip_spaces();
    if (at_ == text_.size() || text_[at_] != '=') return true;
    ++at_;
    skip_spaces();
    read_value();
    return true;
  }
  std::size_t at() const { return at_; }

  std::string_view name;
  std::string_view value;

 private:
  void skip_spaces() {
    while (at_ < text_.size() && is_html_space(text_[at_])) ++at_;
  }
  void read_value() {
    if (at_ == text_.size()) return;
    const char quote = text_[at_];
    const bool quoted = quote == '"' || quote == '\'';
    const auto begin = quoted ? ++at_ : at_;
    while (at_ < text_.size() &&
           (quoted ? text_[at_] != quote : text_[at_] != '>' && !is_html_space(text_[at_]))) {
      ++at_;
    }
    value = text_.substr(begin, at_ - begin);
    if (quoted && at_ < text_.size()) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  return lower;
}

void for_attributes(std::string_view attributes,
                    const std::function<void(const std::string&, std::string_view)>& take) {
  for (Attributes all(attributes); all.next();) take(in_lower_case(all.name), all.value);
}

void HtmlTags::skip_past(std::string_view what) {
  const auto found = html_.find(what, at_);
  at_ = found == html_.npos ? html_.size() : found + what.size();
}

// Behind "<!": a comment, or what is taken for one.
void HtmlTags::skip_declaration(bool foreign) {
  const auto rest = html_.substr(at_);
  if (rest.starts_with("-->") || rest.starts_with("--->")) return skip_past(">");
  if (foreign && rest.starts_with("[CDATA[")) return skip_past("]]>");
  if (!rest.starts_with("--")) return skip_past(">");
  at_ += 2;
  const auto plain = html_.find("-->", at_);
  const auto other = html_.substr(0, std::min(plain, html_.size())).find("--!>", at_);
  if (other != html_.npos) {
    at_ = other + 4;
  } else {
    at_ = plain == html_.npos ? html_.size() : plain + 3;
  }
}

std::optional<HtmlTag> HtmlTags::next(bool foreign) {
  while ((at_ = std::min(html_.find('<', at_), html_.size())) < html_.size()) {
    ++at_;
    if (at_ == html_.size()) break;
    const bool is_end = html_[at_] == '/';
    const auto begin = at_ + (is_end ? 1 : 0);
    if (html_[at_] == '!') {
      ++at_;
      skip_declaration(foreign);
    } else if (html_[at_] == '?' || (is_end && begin < html_.size() && !is_letter(html_[begin]))) {
      skip_past(">");
    } else if (begin < html_.size() && is_letter(html_[begin])) {
      const auto end = std::min(html_.find_first_of(" \t\n\f\r/>", begin), html_.size());
      Attributes attributes(html_.substr(end));
      while (attributes.next()) {
      }
      at_ = end + attributes.at();
      if (at_ == html_.size()) break;  // not whole
      const auto inside = html_.substr(end, at_ - end);
      ++at_;
      return HtmlTag{in_lower_case(html_.substr(begin, end - begin)), is_end, inside.ends_with('/'),
                     inside};
    }
  }
  at_ = html_.size();
  return std::nullopt;
}

std::string_view HtmlTags::text_until_end_of(std::string_view name) {
  const auto begin = at_;
  for (; (at_ = html_.find("</", at_)) != html_.npos; at_ += 2) {
    const auto end = at_ + 2 + name.size();
    if (end >= html_.size() ||
        (!is_html_space(html_[end]) && html_[end] != '/' && html_[end] != '>') ||
        in_lower_case(html_.substr(at_ + 2, name.size())) != name) {
      continue;
    }
    const auto text = html_.substr(begin, at_ - begin);
    next();
    return text;
  }
  at_ = html_.size();
  return html_.substr(begin);
}

}  // namespace taskrun
