// SPDX-License-Identifier: MIT
// What comes on mpirun's stderr: text of ranks on other hosts, which the user is to see as it is
// (far_text.hpp), and words of mpirun and ssh, which are left out: they are about the launcher, not
// about the run. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "taskrun/launch/far_text.hpp"
#include "taskrun/launch/whole_lines.hpp"

namespace taskrun {

class LauncherText {
 public:
  /// The secret of the run, by which its ranks' text and words are known.
  explicit LauncherText(const std::string& secret) : pieces_(secret) {}

  /// Takes the next bytes; returns the lines that are for the user, whole and with their ends.
  std::string filter(std::string_view bytes);
  /// The same for lines that ranks wrote. All are for the user, but for what MPI says in them
  /// before the ranks have started.
  std::string filter_ranks(const std::string& lines) {
    return started_ ? lines : take_lines(lines);
  }
  /// MPI runs on all ranks, and so may user code.
  void on_started() { started_ = true; }
  /// What is left at the end of the stream.
  std::string rest();

  /// A host on which the program cannot run is known: nothing will come of this launch.
  bool hopeless() const { return !missing_.empty(); }
  /// What rank 0 told from another host, in order; forgotten once taken.
  std::vector<LifelineWord> take_words() { return std::exchange(words_, {}); }
  /// Why the launcher failed, as far as it said, in one line; empty where it said nothing.
  std::string cause() const;
  /// The last line that the launcher wrote, whatever it is about.
  const std::string& last_line() const { return last_line_; }

 private:
  std::string take(const FarReader::Part& part);
  std::string take_lines(const std::string& lines);
  std::string take_line(const std::string& line);
  void end_block();

  bool started_ = false;
  FarReader pieces_;
  WholeLines own_;                             // the launcher's
  std::map<std::uint32_t, WholeLines> ranks_;  // of other hosts
  std::vector<std::string> block_;             // between two lines of dashes, the first included
  std::string last_line_;
  std::string first_block_;  // the first one's first paragraph
  std::string connection_;   // what ssh said last
  std::string missing_;      // host, and what the host's shell said
  std::vector<LifelineWord> words_;
};

}  // namespace taskrun
