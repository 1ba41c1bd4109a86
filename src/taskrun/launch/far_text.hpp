// SPDX-License-Identifier: MIT
// What comes from ranks of other hosts on the launcher's stderr: their text, and words of rank 0
// and of the shells that start ranks. Each piece carries the secret of the run, so that nothing
// that others write there is taken for one, and the launcher's own words are what is left. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "taskrun/launch/lifeline.hpp"

namespace taskrun {

/// A piece is at most this large: pipes and launchers pass on so much in one.
inline constexpr std::size_t most_far_bytes = 4096;
/// How much text one piece holds.
inline constexpr std::size_t most_far_text = most_far_bytes - 64;

/// At most `most_far_text` bytes that a rank wrote to its stderr, as one piece.
std::string far_text(const std::string& secret, std::uint32_t rank, std::string_view text);
/// A word of rank 0 whose supervisor is on another host.
std::string far_word(const std::string& secret, const LifelineWord& word);
/// A command of the shell that tells of a program that does not run here: `host_and_why` is a shell
/// word. The secret is in its environment.
std::string far_trouble_command(const std::string& host_and_why);

/// Takes such pieces out of a stream.
class FarReader {
 public:
  explicit FarReader(const std::string& secret);

  struct Part {
    /// launcher: what is in no piece.
    enum class Kind { launcher, text, word, trouble };
    Kind kind = Kind::launcher;
    std::string text;  ///< of `trouble`: host and why
    std::uint32_t rank = 0;
    LifelineWord word;
  };

  void add(std::string_view bytes) { held_ += bytes; }
  /// The next part; false where more has to come first.
  bool next(Part& part);
  /// What is left at the end of the stream, if anything.
  std::string rest();

 private:
  bool take_launcher_text(std::size_t mark, Part& part);
  bool take_piece(Part& part);

  const std::string mark_;
  std::string held_;
};

}  // namespace taskrun
