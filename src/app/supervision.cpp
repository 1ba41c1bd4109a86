// SPDX-License-Identifier: MIT
#include "app/supervision.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "taskrun/core/error.hpp"
#include "taskrun/launch/err_relay.hpp"
#include "taskrun/launch/far_text.hpp"
#include "taskrun/launch/mpirun.hpp"
#include "taskrun/launch/run_secret.hpp"
#include "taskrun/os/descendants.hpp"
#include "taskrun/os/write_all.hpp"

namespace taskrun {
namespace {

constexpr int last_line_milliseconds = 300;

// Also a process that is stopped, or that spins inside MPI, must not outlive its launcher.
void die_with_launcher() {
  constexpr pid_t adopter = 1;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == adopter) _exit(EXIT_FAILURE);
}

bool is_launcher_daemon(pid_t process) {
  const std::string name = process_name(process);
  return name == "orted" || name == "prted";
}

}  // namespace

Supervision::Supervision(const std::optional<LaunchedRank>& launched, const RankEnvironment& told,
                         StandardStreams& streams)
    : told_(told) {
  if (!launched || told.lifeline.empty()) {
    told_.lifeline = told_.secret = told_.shared_folder = "";
    return;
  }
  supervised_ = true;
  die_with_launcher();
  rank_ = launched->rank;
  hide_rank_environment();
  line_ = Lifeline::connect(told.lifeline);
  far_ = !line_;
  const bool has_input_apart = rank_ == 0 && told.input_apart;
  // It was for the launcher; ranks are told where that put it, and take offence at both.
  unsetenv("OMPI_MCA_orte_local_tmpdir_base");
  unsetenv(prrte_session_folder_variable);
  launcher_err_.reset(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (line_) meet_supervisor(streams);
  if (far_) mark_stderr();
  if (has_input_apart && streams.in_through_launcher) lose_input(streams);
}

void Supervision::meet_supervisor(StandardStreams& streams) {
  const std::string& folder = told_.shared_folder;
  if (!folder.empty()) {
    setenv("OMPI_MCA_btl_vader_backing_directory", folder.c_str(), 1);
    setenv("OMPI_MCA_btl_sm_backing_directory", folder.c_str(), 1);  // its name in Open MPI 5
  }
  line_->say({LifelineWord::Kind::hello, rank_, secret_number(told_.secret)});
  take_streams(streams);
}

void Supervision::take_streams(StandardStreams& streams) {
  const auto given = receive_streams(*line_);
  if (!given) return;
  dup2(given->err.fd(), STDERR_FILENO);
  if (rank_ != 0) return;
  if (given->in.open()) {
    streams.in_through_launcher = false;
    if (!streams.in_is_lost) dup2(given->in.fd(), STDIN_FILENO);
  }
  if (given->out.open()) dup2(given->out.fd(), STDOUT_FILENO);
  streams.out = given->out.open() ? STDOUT_FILENO : -1;
  streams.out_is_terminal = given->out_is_terminal;
  streams.written_bytes = given->written_bytes;
  streams.through_launcher = false;
  streams.group = getpgid(line_->other_process());
}

// Nothing but pieces of ours may reach the launcher's stderr.
void Supervision::mark_stderr() {
  const Descriptor way = start_err_relay(launcher_err_.fd(), told_.secret, rank_);
  if (way.open()) dup2(way.fd(), STDERR_FILENO);
}

std::shared_ptr<ChunkMarks> Supervision::chunk_marks(std::uint32_t slots) const {
  // It is the supervisor's host's.
  if (!line_ || told_.shared_folder.empty()) return nullptr;
  try {
    return std::make_shared<ChunkMarks>(told_.shared_folder + "/" + chunk_marks_name(rank_), slots);
  } catch (const Error&) {
    return nullptr;  // a run is not worse for it
  }
}

void Supervision::tell(LifelineWord::Kind kind, std::uint64_t value) const {
  if (line_) return line_->say({kind, rank_, value});
  if (far_ && rank_ == 0)
    write_all(launcher_err_.fd(), far_word(told_.secret, {kind, rank_, value}));
}

void Supervision::end_launcher() const {
  if (!supervised_ || line_ || !is_launcher_daemon(getppid())) return;
  // It is still carrying this rank's last line, if it can.
  poll(nullptr, 0, last_line_milliseconds);
  kill(getppid(), SIGKILL);
}

void Supervision::tell_alive(std::uint64_t moves) const {
  pollfd way{launcher_err_.fd(), POLLOUT, 0};
  if (!line_ && poll(&way, 1, 0) <= 0) return;
  tell(LifelineWord::Kind::alive, moves);
}

void Supervision::tell_progress(std::uint64_t chunks_done) const {
  tell(LifelineWord::Kind::progress, chunks_done);
}

void Supervision::tell_verdict(int exit_code) const {
  if (rank_ == 0) tell(LifelineWord::Kind::verdict, static_cast<std::uint64_t>(exit_code));
}

}  // namespace taskrun
