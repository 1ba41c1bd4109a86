// SPDX-License-Identifier: MIT
#include "taskrun/exec/zygote.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <new>
#include <utility>
#include <vector>

#include "taskrun/core/contract.hpp"
#include "taskrun/os/descendants.hpp"
#include "taskrun/os/pidfd.hpp"
#include "taskrun/os/system_failure.hpp"

namespace taskrun {
namespace {

// How long the zygote may take to end its helpers before it is killed, and they with it.
constexpr int end_deadline_milliseconds = 2000;
// What dies with a zygote does so within milliseconds.
constexpr int leftover_looks = 20;
constexpr int leftover_look_milliseconds = 10;
// As many as a rank may have: nobody knows how many it will be.
constexpr std::uint32_t most_slots = rank_cell;

HelpersGone zygote_gone() {
  return HelpersGone(
      "the process that isolates user code is gone: somebody killed it, or no memory was left");
}

std::shared_ptr<HelperCell[]> shared_cells() {
  constexpr std::size_t count = rank_cell + 1;
  void* memory = mmap(nullptr, count * sizeof(HelperCell), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw_system_failure("share memory with the processes that isolate user code");
  }
  auto* cells = static_cast<HelperCell*>(memory);
  for (std::size_t i = 0; i < count; ++i) new (cells + i) HelperCell;
  return {cells, [](HelperCell* mapped) { munmap(mapped, count * sizeof(HelperCell)); }};
}

std::string link_of(pid_t process) {
  std::error_code gone;
  return std::filesystem::read_symlink("/proc/" + std::to_string(process) + "/exe", gone);
}

bool is_helper(pid_t process) { return process_name(process) == helper_name; }

// Helpers die with their zygote, and what they have started is ours then. What we have started
// ourselves for other ends is our own program.
void end_what_a_dead_zygote_left() {
  const std::string own = link_of(getpid());
  for (int look = 0; look < leftover_looks; ++look) {
    std::vector<pid_t> children;
    add_children(getpid(), children);
    for (const pid_t child : children) {
      if (link_of(child) == own && !is_helper(child)) continue;
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
    }
    poll(nullptr, 0, leftover_look_milliseconds);
  }
}

}  // namespace

// The reply, and the descriptors that came with it.
struct Zygote::Answer {
  ZygoteReply reply;
  Descriptor descriptors[helper_descriptor_count];
};

Zygote::Answer Zygote::ask(const ZygoteRequest& request) {
  const int control = control_.fd();
  const auto gone = [&] {
    if (!std::exchange(is_gone_, true)) end_what_a_dead_zygote_left();
    return zygote_gone();
  };
  if (is_gone_ || send(control, &request, sizeof request, MSG_NOSIGNAL) < 0) throw gone();
  Answer answer;
  int descriptors[helper_descriptor_count];
  iovec text{&answer.reply, sizeof answer.reply};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof descriptors)] = {};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  ssize_t count = 0;
  do count = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
  while (count < 0 && errno == EINTR);
  if (count != static_cast<ssize_t>(sizeof answer.reply)) throw gone();
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    const std::size_t came = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    std::memcpy(descriptors, CMSG_DATA(header), came * sizeof(int));
    for (std::size_t i = 0; i < came; ++i) answer.descriptors[i] = Descriptor(descriptors[i]);
  }
  return answer;
}

Zygote::Zygote(Job& job, const IsolationLimits& limits, std::uint32_t slots)
    : Zygote([&job](ByteView) -> Job& { return job; }) {
  teach({}, limits, slots);
}

Zygote::Zygote(const LearnJob& learn) : cells_(shared_cells()) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    throw_system_failure("talk to the processes that isolate user code");
  }
  control_ = Descriptor(ends[0]);
  Descriptor theirs(ends[1]);
  prctl(PR_SET_CHILD_SUBREAPER, 1);  // should the zygote be killed
  std::fflush(nullptr);              // what waits to be written must not be written twice
  pid_ = fork();
  if (pid_ < 0) throw_system_failure("start a process to isolate user code");
  if (pid_ > 0) return;
  control_ = Descriptor();
  be_zygote(learn, cells_.get(), theirs.release());
}

void Zygote::teach(ByteView told, const IsolationLimits& limits, std::uint32_t slots) {
  TASKRUN_EXPECT(slots <= most_slots);
  limits_ = limits;
  ChunkLimits of_chunks = limits.told;
  of_chunks.memory_bytes = limits.memory_bytes;
  send_lesson(control_.fd(), {told.size(), of_chunks, limits.kept_by_job, limits.launcher}, told);
}

Zygote::~Zygote() {
  const Descriptor process = process_descriptor(pid_);
  control_ = Descriptor();
  pollfd ended{process.fd(), POLLIN, 0};
  if (process.fd() < 0 || poll(&ended, 1, end_deadline_milliseconds) <= 0) kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

std::shared_ptr<std::atomic<bool>> Zygote::rank_told() const {
  return {cells_, &cells_[rank_cell].stop};
}

Helper Zygote::fork_helper(std::uint32_t slot, const Grid& grid) {
  const std::lock_guard lock(mutex_);
  ZygoteRequest request;
  request.slot = slot;
  request.item_count = grid.item_count();
  request.chunk_count = grid.chunk_count();
  Answer answer = ask(request);
  if (answer.reply.error != 0) {
    throw_system_failure("start a process to isolate user code", answer.reply.error);
  }
  // The kernel leaves out what there is no room for. A helper that nobody talks to ends.
  if (!answer.descriptors[0].open() || !answer.descriptors[1].open()) {
    throw_system_failure("talk to a process that isolates user code", EMFILE);
  }
  return {answer.reply.helper, std::move(answer.descriptors[0]), std::move(answer.descriptors[1]),
          put_into_group(slot, answer.reply.helper)};
}

// Before it computes anything.
const MemoryGroup* Zygote::put_into_group(std::uint32_t slot, pid_t helper) {
  if (limits_.memory_bytes == 0 || limits_.kept_by_job) return nullptr;
  auto& group = groups_[slot];
  group.reset();
  group = MemoryGroup::make(limits_.memory_bytes, std::to_string(slot));
  if (group && !group->take(helper)) group.reset();
  return group.get();
}

Duration Zygote::processor_time(std::uint32_t slots) const {
  Duration sum{};
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    sum += std::chrono::nanoseconds(cells_[slot].processor_nanoseconds);
  }
  return sum;
}

int Zygote::bury(pid_t helper) {
  const std::lock_guard lock(mutex_);
  ZygoteRequest request;
  request.kind = ZygoteRequest::Kind::bury;
  request.helper = helper;
  return ask(request).reply.status;
}

}  // namespace taskrun
