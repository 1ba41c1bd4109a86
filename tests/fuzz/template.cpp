// SPDX-License-Identifier: MIT
// exec/template: commands with replacement strings, as words and for a shell.
#include "exec/template.hpp"

#include "input.hpp"
#include "taskrun/core/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  const unsigned flags = in.byte();
  ExecNames names;
  names.kind = static_cast<ExecNames::Kind>(flags % 4);
  names.value_count = (flags >> 2) % 16;
  ExecItem item;
  item.number = 7;
  item.row = std::string(in.until('\n'));
  if (names.kind == ExecNames::Kind::columns) {
    const auto line = in.until('\n');
    fuzz::Input cells(reinterpret_cast<const std::uint8_t*>(line.data()), line.size());
    names.columns = cells.words(',');
    names.value_count = names.columns.size();
  }
  if (names.kind == ExecNames::Kind::fields || names.kind == ExecNames::Kind::nothing) {
    names.value_count = 0;
  }
  for (std::size_t i = 0; i < names.value_count; ++i) item.values.emplace_back(in.until('\n'));
  const std::string text(in.rest());
  try {
    const auto made = flags & 0x80 ? ExecTemplate::of_shell(text, names)
                                   : ExecTemplate::of_words({"program", text}, names);
    while (item.values.size() < made.fields().size()) item.values.emplace_back("v");
    const auto words = made.expand(item);
    FUZZ_REQUIRE(!words.empty());
    static_cast<void>(made.program());
    if (flags & 0x80) {
      FUZZ_REQUIRE(words.size() >= 4 && words[0] == "/bin/sh");
      // The script is the same whatever the values are.
      ExecItem other = item;
      for (auto& value : other.values) value = "$(other)'\"`";
      other.row = "; other";
      FUZZ_REQUIRE(made.expand(other)[2] == words[2]);
    }
  } catch (const Error&) {
  }
  return 0;
}
