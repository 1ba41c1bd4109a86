// SPDX-License-Identifier: MIT
#include "taskrun/engine/peer_watch.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <string>

#include "taskrun/core/bytes.hpp"

namespace taskrun {
namespace {

// Pids mean something within one process namespace of one running kernel.
std::uint64_t this_machine() {
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  struct stat status {};
  if (boot.empty() || stat("/proc/self/ns/pid", &status) != 0) return 0;
  return checksum(view_of(boot + " " + std::to_string(status.st_ino)));
}

}  // namespace

ProcessName this_process() { return {static_cast<std::uint32_t>(getpid()), this_machine()}; }

PeerWatch::~PeerWatch() {
  for (const Peer& peer : peers_) {
    if (peer.fd >= 0) close(peer.fd);
  }
}

void PeerWatch::watch(std::uint32_t rank, ProcessName process) {
  if (process.machine == 0 || process.machine != this_machine()) return;
  if (process.pid == static_cast<std::uint32_t>(getpid())) return;
#ifdef SYS_pidfd_open
  const auto fd = static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0));
  if (fd >= 0 || errno == ESRCH) peers_.push_back({rank, fd});
#else
  static_cast<void>(rank);
#endif
}

std::optional<std::uint32_t> PeerWatch::next_ended() {
  std::vector<pollfd> fds;
  for (const Peer& peer : peers_) fds.push_back({peer.fd, POLLIN, 0});
  poll(fds.data(), fds.size(), 0);
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    const Peer peer = peers_[i];
    if (peer.fd >= 0 && fds[i].revents == 0) continue;
    if (peer.fd >= 0) close(peer.fd);
    peers_.erase(peers_.begin() + static_cast<std::ptrdiff_t>(i));
    return peer.rank;
  }
  return std::nullopt;
}

}  // namespace taskrun
