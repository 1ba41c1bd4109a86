// SPDX-License-Identifier: MIT
#include "exec/template.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "shared/input_lines.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

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

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

// Finds the replacement strings in text.
class ExecTemplate::Reader {
 public:
  Reader(const ExecNames& names, std::vector<std::string>& fields)
      : names_(names), fields_(fields) {}

  /// At a brace: the reference that is written there, and its length; none where it is just text.
  struct Found {
    Reference reference;
    std::size_t length = 0;
  };
  std::optional<Found> find(std::string_view text) {
    const auto end = text.find('}');
    if (!text.starts_with('{') || end == text.npos) return std::nullopt;
    const auto reference = read(text.substr(1, end - 1));
    if (!reference) return std::nullopt;
    found_any_ = true;
    return Found{*reference, end + 1};
  }

  Word read_word(std::string_view text) {
    Word word;
    std::string plain;
    for (std::size_t at = 0; at < text.size();) {
      const auto found = find(text.substr(at));
      if (!found) {
        plain += text[at++];
        continue;
      }
      if (!plain.empty()) word.emplace_back(std::exchange(plain, {}));
      word.emplace_back(found->reference);
      at += found->length;
    }
    if (!plain.empty() || word.empty()) word.emplace_back(plain);
    return word;
  }

  bool found_any() const { return found_any_; }
  /// What {} is.
  Reference everything() const { return {has_rows() ? Which::row : Which::all, 0, Shape::whole}; }

 private:
  bool has_rows() const {
    return names_.kind == ExecNames::Kind::columns || names_.kind == ExecNames::Kind::fields;
  }

  std::optional<Reference> read(std::string_view inside) {
    if (inside == "#") return Reference{Which::number, 0, Shape::whole};
    if (names_.kind == ExecNames::Kind::nothing) return std::nullopt;
    // A column may have any name, also one that ends like a shape.
    if (const auto column = column_named(inside)) return *column;
    struct Suffix {
      std::string_view text;
      Shape shape;
    };
    static constexpr Suffix suffixes[] = {{"//", Shape::folder},
                                          {"/.", Shape::base_no_extension},
                                          {"/", Shape::base},
                                          {".", Shape::no_extension}};
    Shape shape = Shape::whole;
    for (const auto& [text, meant] : suffixes) {
      if (!inside.ends_with(text)) continue;
      shape = meant;
      inside.remove_suffix(text.size());
      break;
    }
    auto reference = value_named(inside);
    if (reference) reference->shape = shape;
    return reference;
  }

  std::optional<Reference> value_named(std::string_view name) {
    if (name.empty()) return everything();
    if (const auto column = column_named(name)) return column;
    if (is_number(name) && names_.kind != ExecNames::Kind::fields) return numbered(name);
    if (names_.kind != ExecNames::Kind::fields) return std::nullopt;
    return std::all_of(name.begin(), name.end(), is_name_character) ? std::optional(field(name))
                                                                    : std::nullopt;
  }

  std::optional<Reference> column_named(std::string_view name) const {
    const auto& columns = names_.columns;
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found == columns.end()) return std::nullopt;
    if (std::count(found, columns.end(), name) > 1) {
      throw usage_error("{" + std::string(name) +
                        "}: several columns have this name; give all but one another name");
    }
    return Reference{Which::value, static_cast<std::size_t>(found - columns.begin()), Shape::whole};
  }

  Reference field(std::string_view name) {
    const auto found = std::find(fields_.begin(), fields_.end(), name);
    const auto index = static_cast<std::size_t>(found - fields_.begin());
    if (found == fields_.end()) fields_.emplace_back(name);
    return {Which::value, index, Shape::whole};
  }

  Reference numbered(std::string_view digits) const {
    std::size_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (number >= 1 && number <= names_.value_count) {
      return {Which::value, number - 1, Shape::whole};
    }
    const bool columns = names_.kind == ExecNames::Kind::columns;
    throw usage_error(
        "{" + std::string(digits) + "} stands for nothing: there " +
        (names_.value_count == 1 ? "is 1 " : "are " + std::to_string(names_.value_count) + " ") +
        (columns ? "column" : "source") + (names_.value_count == 1 ? "" : "s") +
        "; to give it to the command as it is, put it behind ::: and {N} here");
  }

  const ExecNames& names_;
  std::vector<std::string>& fields_;
  bool found_any_ = false;
};

// Puts parameters of the shell in the place of replacement strings, quoted as their place demands.
class ExecTemplate::ShellReader {
 public:
  ShellReader(Reader& reader, std::size_t value_count) : reader_(reader), count_(value_count) {}

  void read(std::string_view text) {
    for (text_ = text; at_ < text_.size();) {
      if (const auto found = reader_.find(text_.substr(at_))) {
        put(found->reference);
        at_ += found->length;
      } else {
        step();
      }
    }
  }
  void append_everything() {
    script_ += ' ';
    put(reader_.everything());
  }

  const std::string& script() const { return script_; }
  const std::vector<Reference>& parameters() const { return parameters_; }

 private:
  enum class In { command, single_quotes, double_quotes, arithmetic, backquotes };

  In where() const { return inside_.empty() ? In::command : inside_.back(); }
  bool at(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  void take(std::size_t count) {
    count = std::min(count, text_.size() - at_);
    script_ += text_.substr(at_, count);
    at_ += count;
  }
  void enter(In place, std::size_t count) {
    inside_.push_back(place);
    take(count);
  }
  void leave(std::size_t count) {
    if (!inside_.empty()) inside_.pop_back();
    take(count);
  }

  void step() {
    const char c = text_[at_];
    const In place = where();
    if (place == In::single_quotes) return c == '\'' ? leave(1) : take(1);
    if (c == '\\') return take(2);
    if (at("$((")) return enter(In::arithmetic, 3);
    if (at("$(")) return enter(In::command, 2);
    if (c == '`') return place == In::backquotes ? leave(1) : enter(In::backquotes, 1);
    if (place == In::arithmetic) return at("))") ? leave(2) : take(1);
    if (c == '"') return place == In::double_quotes ? leave(1) : enter(In::double_quotes, 1);
    if (place == In::double_quotes) return take(1);
    if (c == '\'') return enter(In::single_quotes, 1);
    if (c == '(') return enter(In::command, 1);
    if (c == ')') return place == In::command ? leave(1) : take(1);
    if (c == '#' && begins_word()) return take_comment();
    take(1);
  }

  bool begins_word() const {
    return script_.empty() ||
           std::string_view(" \t\n;|&(").find(script_.back()) != std::string::npos;
  }
  void take_comment() { take(std::min(text_.find('\n', at_), text_.size()) - at_); }

  void put(const Reference& reference) {
    // Of several sources each is a parameter.
    const std::size_t count = reference.which == Which::all ? count_ : 1;
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) script_ += where() == In::single_quotes ? "' '" : " ";
      parameters_.push_back(
          reference.which == Which::all ? Reference{Which::value, i, reference.shape} : reference);
      put_parameter("${" + std::to_string(parameters_.size()) + "}");
    }
  }
  void put_parameter(const std::string& parameter) {
    switch (where()) {
      case In::single_quotes:
        script_ += "'\"" + parameter + "\"'";
        break;
      case In::double_quotes:
      case In::arithmetic:
        script_ += parameter;
        break;
      case In::command:
      case In::backquotes:
        script_ += "\"" + parameter + "\"";
        break;
    }
  }

  Reader& reader_;
  const std::size_t count_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<In> inside_;
  std::string script_;
  std::vector<Reference> parameters_;
};

ExecTemplate ExecTemplate::of_words(const std::vector<std::string>& words, const ExecNames& names) {
  ExecTemplate made;
  Reader reader(names, made.fields_);
  for (const auto& word : words) made.words_.push_back(reader.read_word(word));
  if (!reader.found_any() && names.kind != ExecNames::Kind::nothing) {
    made.words_.push_back({reader.everything()});
  }
  return made;
}

ExecTemplate ExecTemplate::of_shell(const std::string& text, const ExecNames& names) {
  ExecTemplate made;
  Reader reader(names, made.fields_);
  ShellReader shell(reader, names.value_count);
  shell.read(text);
  if (!reader.found_any() && names.kind != ExecNames::Kind::nothing) shell.append_everything();
  for (const std::string& word :
       {std::string("/bin/sh"), std::string("-c"), shell.script(), std::string("sh")}) {
    made.words_.push_back({word});
  }
  for (const auto& parameter : shell.parameters()) made.words_.push_back({parameter});
  return made;
}

std::vector<std::string> ExecTemplate::expand(const ExecItem& item) const {
  std::vector<std::string> command;
  command.reserve(words_.size());
  for (const Word& word : words_) {
    const auto* reference = std::get_if<Reference>(&word.front());
    if (word.size() == 1 && reference != nullptr && reference->which == Which::all) {
      // Several values stay several arguments.
      for (const auto& value : item.values) command.push_back(shaped(value, reference->shape));
      continue;
    }
    std::string& text = command.emplace_back();
    for (const Part& part : word) {
      const auto* plain = std::get_if<std::string>(&part);
      text += plain != nullptr ? *plain : text_of(std::get<Reference>(part), item);
    }
  }
  return command;
}

std::string ExecTemplate::program() const {
  if (words_.empty() || words_.front().size() != 1) return {};
  const auto* plain = std::get_if<std::string>(&words_.front().front());
  return plain == nullptr ? std::string() : *plain;
}

std::string ExecTemplate::shaped(std::string_view value, Shape shape) {
  switch (shape) {
    case Shape::no_extension:
      return without_extension(value);
    case Shape::base:
      return base_of(value);
    case Shape::folder:
      return folder_of(value);
    case Shape::base_no_extension:
      return without_extension(base_of(value));
    case Shape::whole:
      break;
  }
  return std::string(value);
}

std::string ExecTemplate::text_of(const Reference& reference, const ExecItem& item) {
  switch (reference.which) {
    case Which::number:
      return std::to_string(item.number);
    case Which::row:
      return shaped(item.row, reference.shape);
    case Which::value:
      return shaped(item.values.at(reference.value), reference.shape);
    case Which::all:
      break;
  }
  std::string all;
  for (std::size_t i = 0; i < item.values.size(); ++i) {
    if (i > 0) all += ' ';
    all += shaped(item.values[i], reference.shape);
  }
  return all;
}

}  // namespace taskrun
