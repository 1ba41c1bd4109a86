// SPDX-License-Identifier: MIT
#include "fetch/encoding.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "fetch/html.hpp"
#include "taskrun/core/printable.hpp"

namespace taskrun {
namespace {

// Where browsers look for a <meta> that names an encoding.
constexpr std::size_t meta_bytes = 1024;
constexpr std::string_view utf8 = "UTF-8";

struct Label {
  std::string_view name;
  std::string_view encoding;  // as iconv has it
};
// As https://encoding.spec.whatwg.org has them, without those that a rule below reads. Old names of
// small sets stand for the larger sets that pages really use.
constexpr std::array labels = std::to_array<Label>({
    {"utf-8", utf8},
    {"utf8", utf8},
    {"unicode-1-1-utf-8", utf8},
    {"ascii", "CP1252"},
    {"us-ascii", "CP1252"},
    {"ansi_x3.4-1968", "CP1252"},
    {"iso-8859-1", "CP1252"},
    {"iso8859-1", "CP1252"},
    {"iso_8859-1", "CP1252"},
    {"latin1", "CP1252"},
    {"l1", "CP1252"},
    {"latin2", "ISO-8859-2"},
    {"latin3", "ISO-8859-3"},
    {"latin4", "ISO-8859-4"},
    {"latin5", "CP1254"},
    {"latin6", "ISO-8859-10"},
    {"latin9", "ISO-8859-15"},
    {"iso-8859-9", "CP1254"},
    {"iso8859-9", "CP1254"},
    {"cyrillic", "ISO-8859-5"},
    {"arabic", "ISO-8859-6"},
    {"greek", "ISO-8859-7"},
    {"hebrew", "ISO-8859-8"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-11", "CP874"},
    {"tis-620", "CP874"},
    {"windows-874", "CP874"},
    {"koi8-r", "KOI8-R"},
    {"koi8", "KOI8-R"},
    {"koi", "KOI8-R"},
    {"koi8-u", "KOI8-U"},
    {"ibm866", "CP866"},
    {"cp866", "CP866"},
    {"866", "CP866"},
    {"macintosh", "MACINTOSH"},
    {"mac", "MACINTOSH"},
    {"x-mac-roman", "MACINTOSH"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"sjis", "CP932"},
    {"x-sjis", "CP932"},
    {"ms_kanji", "CP932"},
    {"ms932", "CP932"},
    {"windows-31j", "CP932"},
    {"euc-jp", "EUC-JP-MS"},
    {"x-euc-jp", "EUC-JP-MS"},
    {"iso-2022-jp", "ISO-2022-JP"},
    {"gb2312", "GB18030"},
    {"gb_2312", "GB18030"},
    {"gb_2312-80", "GB18030"},
    {"gbk", "GB18030"},
    {"x-gbk", "GB18030"},
    {"chinese", "GB18030"},
    {"gb18030", "GB18030"},
    {"big5", "BIG5-HKSCS"},
    {"big5-hkscs", "BIG5-HKSCS"},
    {"cn-big5", "BIG5-HKSCS"},
    {"x-x-big5", "BIG5-HKSCS"},
    {"euc-kr", "UHC"},
    {"korean", "UHC"},
    {"ks_c_5601-1987", "UHC"},
    {"ksc5601", "UHC"},
    {"windows-949", "UHC"},
    {"utf-16", "UTF-16LE"},
    {"utf-16le", "UTF-16LE"},
    {"unicode", "UTF-16LE"},
    {"utf-16be", "UTF-16BE"},
});

// The number behind one of the prefixes; 0 where there is none.
int number_behind(std::string_view text, std::initializer_list<std::string_view> prefixes) {
  for (const auto prefix : prefixes) {
    if (!text.starts_with(prefix)) continue;
    const auto digits = text.substr(prefix.size());
    const bool is_number = !digits.empty() && digits.size() <= 2 && digits[0] != '0' &&
                           digits.find_first_not_of("0123456789") == digits.npos;
    if (is_number) return std::stoi(std::string(digits));
  }
  return 0;
}

// None for a name that browsers do not know either.
std::optional<std::string> encoding_named(std::string_view label) {
  const auto begin = label.find_first_not_of(" \t\n\f\r\"'");
  if (begin == label.npos) return std::nullopt;
  label = label.substr(begin, label.find_last_not_of(" \t\n\f\r\"'") - begin + 1);
  const std::string name = in_lower_case(label);
  const auto* const found = std::find_if(labels.begin(), labels.end(),
                                         [&](const Label& one) { return one.name == name; });
  if (found != labels.end()) return std::string(found->encoding);
  const int windows = number_behind(name, {"windows-12", "x-cp12", "cp12"});
  if (windows >= 50 && windows <= 58) return "CP12" + std::to_string(windows);
  const int iso = number_behind(name, {"iso-8859-", "iso8859-", "iso_8859-"});
  if (iso >= 2 && iso <= 16 && iso != 12) return "ISO-8859-" + std::to_string(iso);
  return std::nullopt;
}

// The value of charset=… in "text/html; charset=…".
std::optional<std::string> charset_in(std::string_view content_type) {
  const std::string lower = in_lower_case(content_type);
  for (auto at = lower.find("charset"); at != lower.npos; at = lower.find("charset", at)) {
    at += std::string_view("charset").size();
    at = std::min(lower.find_first_not_of(" \t\n\f\r", at), lower.size());
    if (at == lower.size() || lower[at] != '=') continue;
    at = lower.find_first_not_of(" \t\n\f\r", at + 1);
    if (at == lower.npos) break;
    const char quote = lower[at];
    const bool quoted = quote == '"' || quote == '\'';
    const auto end = quoted ? lower.find(quote, at + 1) : lower.find_first_of(" \t\n\f\r;", at);
    return encoding_named(std::string_view(lower).substr(at, std::min(end, lower.size()) - at));
  }
  return std::nullopt;
}

std::optional<std::string> encoding_in_meta(std::string_view html) {
  HtmlTags tags(html.substr(0, meta_bytes));
  while (const auto tag = tags.next()) {
    if (tag->name != "meta" || tag->is_end) continue;
    std::optional<std::string> charset;
    std::optional<std::string> content;
    bool is_content_type = false;
    for_attributes(tag->attributes, [&](const std::string& name, std::string_view value) {
      if (name == "charset" && !charset) charset = encoding_named(value);
      if (name == "content" && !content) content = charset_in(value);
      if (name == "http-equiv") is_content_type = in_lower_case(value) == "content-type";
    });
    if (!charset && is_content_type) charset = content;
    if (!charset) continue;
    // Whoever can read this reads no UTF-16.
    return charset->starts_with("UTF-16") ? std::string(utf8) : charset;
  }
  return std::nullopt;
}

struct Mark {
  std::string_view bytes;
  std::string_view encoding;
};
constexpr std::array<Mark, 3> marks{
    {{"\xef\xbb\xbf", utf8}, {"\xff\xfe", "UTF-16LE"}, {"\xfe\xff", "UTF-16BE"}}};

constexpr std::string_view replacement = "\ufffd";

class Converter {
 public:
  explicit Converter(const std::string& from)
      : handle_(::iconv_open("UTF-8", from.c_str())), unit_(from.starts_with("UTF-16") ? 2 : 1) {}
  ~Converter() {
    if (usable()) ::iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  bool usable() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  std::string convert(std::string_view text) const {
    std::string in(text);
    char* from = in.data();
    std::size_t left = in.size();
    std::string converted;
    std::vector<char> room(16 << 10);
    while (left > 0) {
      char* to = room.data();
      std::size_t free = room.size();
      const bool done = ::iconv(handle_, &from, &left, &to, &free) != static_cast<std::size_t>(-1);
      const int error = errno;
      converted.append(room.data(), to);
      if (done || (error == EINVAL && left > 0)) break;  // the end may be half a character
      if (error != EILSEQ) continue;
      converted += replacement;
      const std::size_t passed = std::min(unit_, left);
      from += passed;
      left -= passed;
    }
    return converted;
  }

 private:
  iconv_t handle_;
  std::size_t unit_;  // bytes that are passed over where they make no sense
};

// Up to a last character that may be half there.
bool is_utf8(std::string_view text) {
  const auto whole = first_bytes(text, text.size() - std::min<std::size_t>(text.size(), 4));
  return has_only_utf8(whole);
}

}  // namespace

std::string page_in_utf8(std::string_view html, std::string_view content_type) {
  std::optional<std::string> encoding;
  for (const Mark& mark : marks) {
    if (!html.starts_with(mark.bytes)) continue;
    html.remove_prefix(mark.bytes.size());
    encoding = mark.encoding;
    break;
  }
  if (!encoding) encoding = charset_in(content_type);
  if (!encoding) encoding = encoding_in_meta(html);
  if (!encoding) encoding = is_utf8(html) ? utf8 : "CP1252";
  if (*encoding == utf8) return std::string(html);
  const Converter converter(*encoding);
  return converter.usable() ? converter.convert(html) : std::string(html);
}

}  // namespace taskrun
