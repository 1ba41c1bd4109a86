// SPDX-License-Identifier: MIT
// data/line_splitter: the same lines however the bytes come; of plain lines also those of a plain
// reading.
#include "input.hpp"
#include "taskrun/data/line_splitter.hpp"

namespace {

struct Cut {
  std::string text;
  std::uint64_t number;
  bool too_long;
  bool operator==(const Cut&) const = default;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  LineRules rules;
  const unsigned flags = in.byte();
  rules.separator = flags & 1 ? '\0' : '\n';
  rules.empty_lines = flags & 2 ? LineRules::Empty::kept : LineRules::Empty::skipped;
  rules.quotes = flags & 4 ? LineRules::Quotes::enclose : LineRules::Quotes::text;
  rules.longest_bytes = flags & 8 ? in.byte() : 1 << 24;
  rules.block_bytes = flags & 16 ? in.byte() : 0;
  const std::size_t step = 1 + in.byte() % 32;
  const std::string text(in.rest());
  std::vector<Cut> whole;
  std::vector<Cut> pieces;
  LineSplitter a(rules);
  const auto into = [](std::vector<Cut>& all) {
    return [&all](const CutLine& l) {
      all.push_back({std::string(l.text), l.number, l.too_long});
      if (l.too_long) FUZZ_REQUIRE(l.text.empty());
    };
  };
  a.feed(text, into(whole));
  a.finish(into(whole));
  LineSplitter b(rules);
  for (std::size_t at = 0; at < text.size(); at += step) {
    b.feed(std::string_view(text).substr(at, step), into(pieces));
  }
  b.finish(into(pieces));
  FUZZ_REQUIRE(whole == pieces);
  for (std::size_t i = 1; i < whole.size(); ++i)
    FUZZ_REQUIRE(whole[i - 1].number < whole[i].number);
  if ((flags & 28) == 0) {
    std::vector<Cut> plain;
    std::uint64_t number = 0;
    std::string_view rest = text;
    while (!rest.empty()) {
      const auto end = rest.find(rules.separator);
      auto line = rest.substr(0, end);
      rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
      if (rules.separator == '\n' && line.ends_with('\r')) line.remove_suffix(1);
      ++number;
      if (!line.empty() || (flags & 2)) plain.push_back({std::string(line), number, false});
    }
    FUZZ_REQUIRE(plain == whole);
  }
  if (flags & 16 && rules.block_bytes > 0) {
    std::string joined;
    bool lost = false;
    for (const auto& block : whole) {
      joined += block.text;
      lost |= block.too_long;
    }
    FUZZ_REQUIRE(lost || joined == text);
  }
  return 0;
}
