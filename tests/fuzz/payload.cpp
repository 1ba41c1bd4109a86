// SPDX-License-Identifier: MIT
// data/payload: archives of the types that jobs send, from any bytes: a value, or CorruptData.
#include "taskrun/data/payload.hpp"

#include <deque>
#include <map>
#include <set>

#include "exec/input.hpp"
#include "input.hpp"
#include "taskrun/data/csv.hpp"
#include "taskrun/data/texts.hpp"
#include "wordcount/word_counts.hpp"

namespace {

template <class T>
void one(taskrun::ByteView bytes) {
  const T value = taskrun::decode<T>(bytes);
  taskrun::Bytes again;
  taskrun::encode(value, again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace taskrun;
  fuzz::Input in(data, size);
  const auto which = in.byte() % 10;
  const auto bytes = view_of(in.rest());
  try {
    switch (which) {
      case 0:
        one<std::string>(bytes);
        break;
      case 1:
        one<std::vector<std::string>>(bytes);
        break;
      case 2:
        one<std::map<std::string, std::uint64_t>>(bytes);
        break;
      case 3:
        one<std::deque<std::uint64_t>>(bytes);
        break;
      case 4:
        one<std::set<std::string>>(bytes);
        break;
      case 5:
        one<std::vector<TextPiece>>(bytes);
        break;
      case 6:
        one<CsvPart>(bytes);
        break;
      case 7:
        one<ExecPart>(bytes);
        break;
      case 8:
        one<std::vector<double>>(bytes);
        break;
      default: {
        auto counts = decode<std::vector<WordCounts>>(bytes);
        WordCounts::joined(counts);
        WordCounts::most_frequent(counts, 10);
      }
    }
  } catch (const CorruptData&) {
  }
  return 0;
}
