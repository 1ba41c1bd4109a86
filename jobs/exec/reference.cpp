// SPDX-License-Identifier: MIT
#include "exec/reference.hpp"

#include <algorithm>
#include <charconv>

#include "shared/input_lines.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/suggestion.hpp"

namespace taskrun {
namespace {

using Shape = ExecReference::Shape;

std::string base_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string(slash == path.npos ? path : path.substr(slash + 1));
}

// As dirname has it.
std::string folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == path.npos) return ".";
  const auto last = path.find_last_not_of('/', slash);
  return std::string(last == path.npos ? "/" : path.substr(0, last + 1));
}

// A dot that begins a name begins no extension.
std::string without_extension(std::string_view path) {
  const auto slash = path.rfind('/');
  const auto base = slash == path.npos ? 0 : slash + 1;
  const auto dot = path.rfind('.');
  const bool has_one = dot != path.npos && dot > base;
  return std::string(has_one ? path.substr(0, dot) : path);
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_name_character(char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; }

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

// What somebody writes who means a name, and not the language of some program.
bool looks_like_name(std::string_view text) {
  const auto may_be_inside = [](char c) {
    return is_name_character(c) || c == ' ' || c == '.' || c == '/';
  };
  return std::any_of(text.begin(), text.end(), is_letter_or_digit) &&
         std::all_of(text.begin(), text.end(), may_be_inside) && !text.starts_with(' ') &&
         !text.ends_with(' ') && text.find("..") == text.npos;
}

// As a name is remembered: in small letters, without what stands between words.
std::string plain_name(std::string_view name) {
  std::string plain;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (is_letter_or_digit(c)) plain += c;
  }
  return plain;
}

// Empty where none is near. What is long is no name that somebody types.
std::string nearest_of(std::string_view typed, const std::vector<std::string>& names) {
  constexpr std::size_t longest = 80;
  if (typed.size() > longest) return {};
  std::vector<std::string> candidates;
  for (const auto& name : names) {
    if (name.empty() || name.size() > longest) continue;
    if (!plain_name(typed).empty() && plain_name(name) == plain_name(typed)) return name;
    candidates.push_back(name);
  }
  return nearest(typed, candidates);
}

std::string in_short(const std::vector<std::string>& names) {
  constexpr std::size_t most = 8;
  std::string all;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
    all += (i == 0 ? "" : ", ") + in_brief(names[i], 40);
  }
  return names.size() > most ? all + ", …" : all;
}

std::string counted(std::size_t count, const std::string& what) {
  return count == 1 ? "is 1 " + what : "are " + std::to_string(count) + " " + what + "s";
}

}  // namespace

std::string ExecReference::shaped(std::string_view of) const {
  switch (shape) {
    case Shape::no_extension:
      return without_extension(of);
    case Shape::base:
      return base_of(of);
    case Shape::folder:
      return folder_of(of);
    case Shape::base_no_extension:
      return without_extension(base_of(of));
    case Shape::whole:
      break;
  }
  return std::string(of);
}

std::string ExecReference::text(const ExecItem& item) const {
  switch (which) {
    case Which::number:
      return std::to_string(item.number);
    case Which::row:
      return shaped(item.row);
    case Which::value:
      return shaped(item.values.at(value));
    case Which::all:
      break;
  }
  std::string all;
  for (std::size_t i = 0; i < item.values.size(); ++i) {
    if (i > 0) all += ' ';
    all += shaped(item.values[i]);
  }
  return all;
}

std::optional<ReferenceReader::Found> ReferenceReader::find(std::string_view text) {
  if (!text.starts_with('{')) return std::nullopt;
  const auto end = text.find('}');
  if (end == text.npos) return std::nullopt;
  const auto reference = read(text.substr(1, end - 1));
  if (!reference) return std::nullopt;
  found_any_ = true;
  return Found{*reference, end + 1};
}

ExecReference ReferenceReader::everything() const {
  return {has_rows() ? ExecReference::Which::row : ExecReference::Which::all, 0, Shape::whole};
}

std::optional<ExecReference> ReferenceReader::read(std::string_view inside) {
  if (inside == "#") return ExecReference{ExecReference::Which::number, 0, Shape::whole};
  if (names_.kind == ExecNames::Kind::nothing) return std::nullopt;
  // A column may have any name, also one that ends like a shape.
  if (const auto whole = value_named(inside)) return whole;
  struct Suffix {
    std::string_view text;
    Shape shape;
  };
  static constexpr Suffix suffixes[] = {{"//", Shape::folder},
                                        {"/.", Shape::base_no_extension},
                                        {"/", Shape::base},
                                        {".", Shape::no_extension}};
  for (const auto& [text, shape] : suffixes) {
    if (!inside.ends_with(text)) continue;
    const auto name = inside.substr(0, inside.size() - text.size());
    auto reference = value_named(name);
    if (!reference) {
      refuse_unknown(inside, name);
      return std::nullopt;
    }
    reference->shape = shape;
    return reference;
  }
  refuse_unknown(inside, inside);
  return std::nullopt;
}

std::optional<ExecReference> ReferenceReader::value_named(std::string_view name) {
  if (name.empty()) return everything();
  const bool fields = names_.kind == ExecNames::Kind::fields;
  if (const auto column = column_named(name)) {
    if (fields) return field(name);
    return ExecReference{ExecReference::Which::value, *column, Shape::whole};
  }
  if (!fields) return is_number(name) ? numbered(name) : std::nullopt;
  const bool any = names_.columns.empty() && !names_.literal_braces;
  return any && std::all_of(name.begin(), name.end(), is_name_character)
             ? std::optional(field(name))
             : std::nullopt;
}

std::optional<std::size_t> ReferenceReader::column_named(std::string_view name) const {
  const auto& columns = names_.columns;
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end()) return std::nullopt;
  if (names_.kind == ExecNames::Kind::columns &&
      std::find(found + 1, columns.end(), name) != columns.end()) {
    throw usage_error("{" + in_brief(name, 40) + "}: several columns of " + names_.place +
                      " have this name; write the number of one, such as {1}");
  }
  return static_cast<std::size_t>(found - columns.begin());
}

ExecReference ReferenceReader::field(std::string_view name) {
  const auto found = std::find(fields_.begin(), fields_.end(), name);
  const auto index = static_cast<std::size_t>(found - fields_.begin());
  if (found == fields_.end()) fields_.emplace_back(name);
  return {ExecReference::Which::value, index, Shape::whole};
}

std::optional<ExecReference> ReferenceReader::numbered(std::string_view digits) const {
  std::size_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (number >= 1 && number <= names_.value_count) {
    return ExecReference{ExecReference::Which::value, number - 1, Shape::whole};
  }
  if (names_.literal_braces) return std::nullopt;
  const bool columns = names_.kind == ExecNames::Kind::columns;
  throw usage_error("{" + std::string(digits) + "} stands for nothing: there " +
                    counted(names_.value_count, columns ? "column" : "source") +
                    "; --literal-braces leaves it as it is");
}

void ReferenceReader::refuse_unknown(std::string_view inside, std::string_view name) const {
  // Where there are no names there are no items either.
  if (!has_rows() || names_.literal_braces || names_.columns.empty()) return;
  const std::string near = nearest_of(name, names_.columns);
  const bool is_language = inside.find_first_of("{\n") != inside.npos;
  if (is_language || (near.empty() && !looks_like_name(inside))) return;
  const bool columns = names_.kind == ExecNames::Kind::columns;
  throw usage_error("{" + in_brief(inside, 40) + "} is no " + (columns ? "column" : "field") +
                    " of " + names_.place + ", which has " + in_short(names_.columns) +
                    (near.empty() ? "" : "; did you mean {" + in_brief(near, 40) + "}?") +
                    names_.hint +
                    " (--literal-braces leaves such words as they are, for programs like awk)");
}

}  // namespace taskrun
