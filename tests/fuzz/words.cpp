// SPDX-License-Identifier: MIT
// exec/words, core/shell_words, exec/sources and the readers of lists.
#include "exec/words.hpp"

#include "exec/lists.hpp"
#include "exec/sources.hpp"
#include "input.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/shell_words.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  const auto mode = in.byte() % 5;
  try {
    if (mode == 0) {
      const auto words = split_words(in.rest());
      FUZZ_REQUIRE(split_words(shell_words(words)) == words);
    } else if (mode == 1) {
      const auto words = in.words('\0');
      FUZZ_REQUIRE(split_words(shell_words(words)) == words);
    } else if (mode == 2) {
      auto words = read_exec_words(in.words('\n'));
      for (auto& source : words.sources) source.from = ExecSource::From::values;  // reads no files
      const ExecCombinations all(words.sources, {}, ExecCombinations::Linked::to_the_shortest);
      for (std::uint64_t i = 0; i < std::min<std::uint64_t>(all.size(), 100); ++i) {
        FUZZ_REQUIRE(all.values(i).size() == all.column_count());
      }
      if (all.size() > 0) all.values(all.size() - 1);
    } else if (mode == 3) {
      const auto item = objects_of_json({"a", "b"})(std::string(in.rest()));
      FUZZ_REQUIRE(item.values.size() == 2);
    } else {
      const auto item = rows_of_csv(2, ',')(std::string(in.rest()));
      FUZZ_REQUIRE(item.values.size() == 2);
    }
  } catch (const std::runtime_error&) {
  }
  return 0;
}
