// SPDX-License-Identifier: MIT
#include "fetch/title.hpp"

#include <gumbo.h>

#include <algorithm>
#include <array>
#include <memory>

#include "fetch/encoding.hpp"
#include "fetch/html.hpp"
#include "taskrun/core/printable.hpp"

namespace taskrun {
namespace {

// Longer ones are cut.
constexpr std::size_t most_title_bytes = 16 << 10;

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// What they hold is no tags.
constexpr std::array<std::string_view, 8> text_elements{"script", "style",   "textarea", "noscript",
                                                        "iframe", "noembed", "noframes", "xmp"};
// They end SVG and MathML that nobody ended.
constexpr std::array<std::string_view, 44> html_elements{
    "b",      "big",  "blockquote", "body",  "br",   "center", "code",    "dd",   "div",
    "dl",     "dt",   "em",         "embed", "h1",   "h2",     "h3",      "h4",   "h5",
    "h6",     "head", "hr",         "i",     "img",  "li",     "listing", "menu", "meta",
    "nobr",   "ol",   "p",          "pre",   "ruby", "s",      "small",   "span", "strong",
    "strike", "sub",  "sup",        "table", "tt",   "u",      "ul",      "var"};

// The text of the first title, as it lies in the page.
std::string_view raw_title(std::string_view html) {
  HtmlTags tags(html);
  int foreign = 0;    // how deep in SVG or MathML
  int templates = 0;  // likewise; what they hold is no part of the page
  while (const auto tag = tags.next(foreign > 0)) {
    const int deeper = tag->is_end ? -1 : 1;
    if (tag->name == "svg" || tag->name == "math") {
      if (!tag->closes_itself || tag->is_end) foreign = std::max(0, foreign + deeper);
    } else if (foreign > 0) {
      if (!tag->is_end && is_one_of(html_elements, tag->name)) foreign = 0;
    } else if (tag->name == "template") {
      templates = std::max(0, templates + deeper);
    } else if (tag->is_end) {
      continue;
    } else if (tag->name == "title") {
      const auto text = tags.text_until_end_of("title");
      if (templates == 0) return text;
    } else if (tag->name == "plaintext") {
      break;
    } else if (is_one_of(text_elements, tag->name)) {
      tags.text_until_end_of(tag->name);
    }
  }
  return {};
}

const GumboNode* child_named(const GumboNode* parent, GumboTag tag) {
  if (parent == nullptr || parent->type != GUMBO_NODE_ELEMENT) return nullptr;
  const GumboVector& children = parent->v.element.children;
  for (unsigned i = 0; i < children.length; ++i) {
    const auto* child = static_cast<const GumboNode*>(children.data[i]);
    if (child->type == GUMBO_NODE_ELEMENT && child->v.element.tag == tag) return child;
  }
  return nullptr;
}

// A parser keeps all errors with the tags that are open, and may need a gigabyte for a small page:
// it gets the title alone, and keeps none.
std::string decoded(std::string_view raw) {
  const std::string html = "<title>" + std::string(raw) + "</title>";
  GumboOptions options = kGumboDefaultOptions;
  options.max_errors = 0;
  const std::unique_ptr<GumboOutput, void (*)(GumboOutput*)> parsed(
      gumbo_parse_with_options(&options, html.data(), html.size()),
      [](GumboOutput* output) { gumbo_destroy_output(&kGumboDefaultOptions, output); });
  const GumboNode* title = child_named(child_named(parsed->root, GUMBO_TAG_HEAD), GUMBO_TAG_TITLE);
  if (title == nullptr || title->v.element.children.length == 0) return "";
  const auto* text = static_cast<const GumboNode*>(title->v.element.children.data[0]);
  return text->type == GUMBO_NODE_TEXT || text->type == GUMBO_NODE_WHITESPACE ? text->v.text.text
                                                                              : "";
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool space = static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
    if (!space) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  return printable(line);
}

std::string title_of(std::string_view html, std::string_view content_type) {
  const std::string text = page_in_utf8(html, content_type);
  return one_line(decoded(first_bytes(raw_title(text), most_title_bytes)));
}

}  // namespace taskrun
