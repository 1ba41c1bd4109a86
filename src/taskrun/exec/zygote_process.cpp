// SPDX-License-Identifier: MIT
#include "taskrun/exec/zygote_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <vector>

#include "taskrun/exec/helper_process.hpp"
#include "taskrun/exec/standstill.hpp"
#include "taskrun/os/controlling_terminal.hpp"
#include "taskrun/os/cpu_count.hpp"
#include "taskrun/os/descendants.hpp"
#include "taskrun/os/descriptor.hpp"
#include "taskrun/os/pidfd.hpp"

namespace taskrun {
namespace {

// Rounds of killing what is left: what forks faster than that is left to its parent's death.
constexpr int kill_rounds = 100;
// Sockets take packets of some 200 kB.
constexpr std::size_t packet_bytes = std::size_t{64} << 10;
// How late helpers may stand still when their rank was stopped.
constexpr int look_milliseconds = 100;

void default_signals() {
  for (int signal_number = 1; signal_number < NSIG; ++signal_number) {
    // As in the rank: writing to nobody is an error of write.
    if (signal_number != SIGPIPE) signal(signal_number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Who asks a person there would compete with others for the answer.
void read_no_terminal() {
  if (isatty(STDIN_FILENO) == 0) return;
  const Descriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  dup2(nothing.fd(), STDIN_FILENO);
}

// False where nobody sends any more.
bool receive_packet(int control, void* to, std::size_t size) {
  for (;;) {
    const auto count = recv(control, to, size, 0);
    if (count == static_cast<ssize_t>(size)) return true;
    if (count >= 0 || errno != EINTR) return false;
  }
}

// Nothing where the rank is gone.
std::optional<ZygoteLesson> receive_lesson(int control, Bytes& text) {
  ZygoteLesson lesson;
  if (!receive_packet(control, &lesson, sizeof lesson)) return std::nullopt;
  text.resize(lesson.text_bytes);
  for (std::size_t at = 0; at < text.size(); at += packet_bytes) {
    const std::size_t size = std::min(text.size() - at, packet_bytes);
    if (!receive_packet(control, text.data() + at, size)) return std::nullopt;
  }
  return lesson;
}

struct ZygoteTask {
  Job& job;
  HelperCell* cells;
  ZygoteLesson lesson;
};

class ZygoteProcess {
 public:
  ZygoteProcess(const ZygoteTask& task, int control) : task_(task), control_(control) {}

  void serve() {
    ZygoteRequest request;
    while (await_request() && receive(request)) {
      reap();
      if (request.kind == ZygoteRequest::Kind::fork_helper) {
        fork_helper(request);
      } else {
        bury(request.helper);
      }
    }
    if (task_.lesson.launcher > 0) let_asked_end();
    end_children(Which::all);
  }

 private:
  // False where there is nobody to ask. Nothing but a look tells that the rank was stopped.
  bool await_request() {
    pollfd polled{control_.fd(), POLLIN, 0};
    while (poll(&polled, 1, look_milliseconds) <= 0) {
      const bool stopped = process_state(rank_) == 'T';
      if (stopped) standstill_.stop_descendants(getpid());
      if (!stopped) standstill_.go_on();
    }
    standstill_.go_on();
    return true;
  }

  // Helpers that were told to end have their grace also where a launcher was faster with the rank;
  // so have those that the rank was about to tell. The launcher of Open MPI 5 gives it 250 ms.
  void let_asked_end() {
    if (task_.lesson.kept_by_job && task_.cells[rank_cell].stop) {
      for (const auto& [helper, slot] : slots_) task_.cells[slot].stop = true;
    }
    const Time until = steady_now() + task_.lesson.limits.grace;
    while (steady_now() < until) {
      reap();
      bool any = false;
      for (const auto& [helper, status] : statuses_) {
        const bool lives = !status;
        const bool asked = task_.cells[slots_[helper]].stop;
        if (lives && !asked) kill(helper, SIGKILL);
        any |= lives;
      }
      if (!any) return;
      poll(nullptr, 0, 5);
    }
  }

  bool receive(ZygoteRequest& request) const {
    return receive_packet(control_.fd(), &request, sizeof request);
  }

  void fork_helper(const ZygoteRequest& request) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return refuse();
    const Descriptor ours(ends[0]);
    Descriptor helpers(ends[1]);
    const pid_t zygote = getpid();
    const pid_t helper = fork();
    if (helper < 0) return refuse();
    if (helper == 0) become_helper(request, zygote, std::move(helpers), ours.fd());
    setpgid(helper, helper);  // whoever comes first
    statuses_[helper].reset();
    slots_[helper] = request.slot;
    const Descriptor process = process_descriptor(helper);
    if (!process.open()) return refuse();
    answer({0, helper, 0}, {ours.fd(), process.fd()});
  }

  [[noreturn]] void become_helper(const ZygoteRequest& request, pid_t zygote, Descriptor socket,
                                  int other_end) {
    close(other_end);
    control_ = Descriptor();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != zygote) _exit(0);  // it died before it could tell
    // What the helper starts is in its group, and ends with it. Ctrl-C is the rank's matter.
    setpgid(0, 0);
    // So what outlives its parent there is ours only when the helper is dead.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_NAME, helper_name);
    read_no_terminal();
    be_helper({task_.job, Grid(request.item_count, request.chunk_count), task_.cells[request.slot],
               task_.lesson.limits, task_.lesson.kept_by_job},
              socket.fd());
  }

  // Takes the statuses of the dead, and ends what those leave behind in their groups.
  void reap() {
    siginfo_t info{};
    bool helper_died = false;
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
      const auto known = statuses_.find(info.si_pid);
      if (known != statuses_.end()) kill(-info.si_pid, SIGKILL);
      int status = 0;
      waitpid(info.si_pid, &status, 0);
      if (known != statuses_.end()) {
        known->second = status;
        helper_died = true;
      }
      info.si_pid = 0;
    }
    if (helper_died) end_children(Which::orphans);
  }

  void bury(pid_t helper) {
    const auto known = statuses_.find(helper);
    ZygoteReply reply;
    reply.helper = helper;
    reply.status = known == statuses_.end() ? 0 : known->second.value_or(0);
    if (known != statuses_.end()) statuses_.erase(known);
    slots_.erase(helper);
    answer(reply, {-1, -1});
  }

  enum class Which { all, orphans };

  // What dead helpers have started is ours as well, whatever group it is in.
  void end_children(Which which) {
    for (int round = 0; round < kill_rounds; ++round) {
      std::ifstream listed("/proc/thread-self/children");
      std::vector<pid_t> children{std::istream_iterator<pid_t>(listed), {}};
      if (which == Which::orphans) {
        std::erase_if(children, [this](pid_t child) { return lives(child); });
      }
      if (children.empty()) return;
      for (const pid_t child : children) {
        if (statuses_.count(child) > 0) kill(-child, SIGKILL);
        kill(child, SIGKILL);
      }
      // Their own children are ours from then on.
      for (const pid_t child : children) waitpid(child, nullptr, 0);
    }
  }

  bool lives(pid_t child) const {
    const auto known = statuses_.find(child);
    return known != statuses_.end() && !known->second;
  }

  void refuse() {
    ZygoteReply reply;
    reply.error = errno;
    answer(reply, {-1, -1});
  }

  void answer(ZygoteReply reply, std::array<int, helper_descriptor_count> descriptors) const {
    iovec text{&reply, sizeof reply};
    alignas(cmsghdr) char space[CMSG_SPACE(sizeof descriptors)] = {};
    msghdr message{};
    message.msg_iov = &text;
    message.msg_iovlen = 1;
    if (descriptors[0] >= 0) {
      message.msg_control = space;
      message.msg_controllen = sizeof space;
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(sizeof descriptors);
      std::memcpy(CMSG_DATA(header), descriptors.data(), sizeof descriptors);
    }
    if (sendmsg(control_.fd(), &message, MSG_NOSIGNAL) >= 0 || descriptors[0] < 0) return;
    // The rank waits for an answer.
    reply.error = errno;
    answer(reply, {-1, -1});
  }

  const ZygoteTask task_;
  Descriptor control_;
  const pid_t rank_ = getppid();
  Standstill standstill_;
  std::map<pid_t, std::optional<int>> statuses_;  // of helpers that have not been buried
  std::map<pid_t, std::uint32_t> slots_;          // theirs
};

}  // namespace

void be_zygote(const LearnJob& learn, HelperCell* cells, int control) {
  default_signals();
  setpgid(0, 0);  // Ctrl-C is the rank's matter
  leave_terminal();
  prctl(PR_SET_NAME, "taskrun-zygote");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  try {
    Bytes told;
    if (const auto lesson = receive_lesson(control, told)) {
      if (lesson->launcher > 0) use_cores_of(lesson->launcher);
      ZygoteProcess({learn(told), cells, *lesson}, control).serve();
    }
  } catch (...) {
    // Its rank came to the same end, and tells why.
  }
  _exit(0);
}

void send_lesson(int control, ZygoteLesson lesson, ByteView text) {
  send(control, &lesson, sizeof lesson, MSG_NOSIGNAL);
  while (!text.empty()) {
    const ByteView packet = text.first(std::min(text.size(), packet_bytes));
    if (send(control, packet.data(), packet.size(), MSG_NOSIGNAL) < 0) return;
    text = text.subspan(packet.size());
  }
}

}  // namespace taskrun
