// SPDX-License-Identifier: MIT
// What mpirun writes to stderr: lines of ranks, which the user is to see, and words of its own,
// which are left out: they are about the launcher, not about the run. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "taskrun/launch/lifeline.hpp"

namespace taskrun {

class LauncherText {
 public:
  /// Takes the next bytes; returns the lines that are for the user, whole and with their ends.
  std::string filter(std::string_view bytes);
  /// What is left at the end of the stream.
  std::string rest();

  /// A host on which the program cannot run is known: nothing will come of this launch.
  bool hopeless() const { return !missing_.empty(); }
  /// What rank 0 told from another host, in order; forgotten once taken.
  std::vector<LifelineWord> take_words() { return std::exchange(words_, {}); }
  /// Why the launcher failed, as far as it said, in one line; empty where it said nothing.
  std::string cause() const;

 private:
  std::string take(const std::string& line);
  void end_block();
  void take_word(const std::string& said);

  std::string partial_;             // of a line
  std::vector<std::string> block_;  // between two lines of dashes, the first included
  std::string first_block_;         // the first one's first paragraph
  std::string connection_;          // what ssh said last
  std::string missing_;             // host, and what the host's shell said
  std::vector<LifelineWord> words_;
};

/// What a rank's shell says, followed by a host and a text, where the program cannot run.
inline constexpr const char* missing_program_mark = "taskrun-cannot-start ";
/// What rank 0 says, followed by kind and value of a word, where no lifeline reaches its
/// supervisor.
inline constexpr const char* far_word_mark = "taskrun-tells ";

}  // namespace taskrun
