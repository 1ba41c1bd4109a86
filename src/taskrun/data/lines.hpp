// SPDX-License-Identifier: MIT
// A dataset of lines that may have no end: of standard input, of a file, or given as texts; rows of
// CSV and blocks of lines are lines here as well. The coordinator reads them as they come, and not
// much faster than they are computed; workers get the lines that they compute. What a line means is
// left to the job.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "taskrun/core/bytes.hpp"
#include "taskrun/core/input_file.hpp"
#include "taskrun/core/input_state.hpp"
#include "taskrun/core/range.hpp"
#include "taskrun/data/line_splitter.hpp"
#include "taskrun/data/open_input.hpp"
#include "taskrun/os/wakeup.hpp"

namespace taskrun {

struct Line {
  std::uint64_t number = 0;  ///< in its file, from 1
  std::string text;          ///< without its end
};

/// For a job that emits, and wants one item a chunk, a file is open-ended: results come while it is
/// read, and memory does not grow with it. For others it is read whole. A line that is too long is
/// a chunk that fails; the others go on.
class Lines {
 public:
  /// Some lines wait while others are computed; the time that reading takes is nothing beside it.
  static constexpr std::uint64_t usual_budget_bytes = std::uint64_t{64} << 20;

  /// The lines of a file; "-" is standard input. Lines that nobody asked for yet wait; while those
  /// are more than the budget no more is read. Throws Error (usage) where it cannot be opened.
  explicit Lines(const std::string& path, LineRules rules = {},
                 std::uint64_t budget_bytes = usual_budget_bytes);
  /// Each text is a line, numbered from 1.
  explicit Lines(const std::vector<std::string>& texts);

  /// Waits for the first line, which is then no item; none where the input is empty. Another header
  /// is another input. Once, before anything else. Throws Error (usage) where there is none to
  /// read.
  std::optional<Line> take_header() const;

  /// Likewise waits for the first line; gives that, and what else came along. They stay items.
  std::vector<Line> first_lines() const;

  const std::string& name() const;  ///< for messages

  bool is_open_ended() const;
  std::unique_ptr<InputReading> read(Wakeup& wakeup, const InputState& seen) const;
  void read_whole() const;
  /// Of one that was read whole.
  std::vector<InputFile> inputs() const;
  void release(ItemRange items) const;

  /// So far.
  std::uint64_t size() const;
  std::vector<Line> slice(ItemRange items) const;
  void ship(ItemRange items, Bytes& out) const;
  /// Throws std::runtime_error for a line that is too long.
  static std::vector<Line> receive(ByteView bytes);

 private:
  class Store;
  class Reader;
  std::shared_ptr<Store> store_;
};

/// "stdin" for "-", else the path: how messages name what is read.
std::string input_name(const std::string& path);

}  // namespace taskrun
