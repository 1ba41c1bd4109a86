// SPDX-License-Identifier: MIT
// The line between a supervisor and the ranks on its host: a socket that the kernel closes when
// either dies, so that each learns of the other's death at once. Also carries the few words they
// have for each other. Launchers carry the environment variable that names it to every rank; on
// other hosts nobody answers to that name.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "taskrun/os/descriptor.hpp"

namespace taskrun {

/// One message. From ranks: hello (value: the secret's number, without which nothing else counts),
/// started (MPI runs), progress (value: chunks done), verdict (value: the exit code),
/// alive (every second, from rank 0; value: how often it has looked at its messages). From the
/// supervisor: streams, stop (value: the signal that asks for it).
struct LifelineWord {
  enum class Kind : std::uint32_t { hello, started, progress, verdict, streams, stop, alive };
  Kind kind = Kind::hello;
  std::uint32_t rank = 0;  ///< whose word it is; 0 from the supervisor
  std::uint64_t value = 0;
};

/// One end of a line. Each call may be made from any thread.
class Lifeline {
 public:
  explicit Lifeline(Descriptor socket) : socket_(std::move(socket)) {}

  /// A rank's end; nothing where no supervisor of this user runs on this host (any more).
  static std::optional<Lifeline> connect(const std::string& name);

  int fd() const { return socket_.fd(); }
  /// Never waits; what the other end cannot hear any more is lost. While it does not listen words
  /// that later ones make up for are left out, so that there is always room for the others.
  void say(const LifelineWord& word) const;

  struct Heard {
    enum class What { nothing, word, end };
    What what = What::nothing;
    LifelineWord word;
    std::vector<Descriptor> descriptors;  ///< that came with the word
  };
  /// What there is to hear now.
  Heard hear() const;

  /// Sends descriptors along with a word.
  void give(const LifelineWord& word, const std::vector<int>& descriptors) const;
  /// The process at the other end; -1 where the kernel does not say.
  pid_t other_process() const;
  /// That process, and never another of its number; closed inside where it has ended.
  Descriptor other_process_descriptor() const;
  /// Whether that process is this user's.
  bool same_user() const;

 private:
  Descriptor socket_;
};

/// Where ranks connect.
class LifelineServer {
 public:
  /// Under a random name that dies with the process. Throws Error (environment).
  LifelineServer();

  const std::string& name() const { return name_; }
  /// Of this run: its ranks get it by ways that nobody else can read.
  const std::string& secret() const { return secret_; }
  int fd() const { return socket_.fd(); }
  /// Who has connected since; nobody else's processes. Does not wait. Throws Shortage.
  std::optional<Lifeline> accept() const;

 private:
  std::string name_;
  std::string secret_;
  Descriptor socket_;
};

/// What `streams` brings to a rank: a stderr; to rank 0, where there are such, also the
/// supervisor's stdin and a way to its stdout. Launchers would carry all that through pipes of
/// theirs.
struct Streams {
  Descriptor err;
  Descriptor in;
  Descriptor out;
  bool out_is_terminal = false;     ///< where that way ends
  std::uint64_t written_bytes = 0;  ///< to stdout, by those who began this run before
};

/// For a rank: waits for them, a few seconds at most.
std::optional<Streams> receive_streams(const Lifeline& line);
/// For the supervisor, who keeps them.
void give_streams(const Lifeline& line, const Streams& streams);

/// The file in the shared folder that tells which chunks a rank is at.
inline std::string chunk_marks_name(std::uint32_t rank) { return "chunks." + std::to_string(rank); }

}  // namespace taskrun
