// SPDX-License-Identifier: MIT
#include "taskrun/launch/lifeline.hpp"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "taskrun/core/error.hpp"
#include "taskrun/launch/run_secret.hpp"
#include "taskrun/os/pidfd.hpp"
#include "taskrun/os/system_failure.hpp"

namespace taskrun {
namespace {

// Ranks of one host that connect in the same moment.
constexpr int backlog = 4096;
constexpr std::size_t most_descriptors = 3;
// A supervisor answers within milliseconds; a rank whose supervisor is stopped goes on without,
// on what its launcher gave it.
constexpr int streams_deadline_milliseconds = 5000;

// The value of the word `streams`: what comes besides stderr; above, the bytes written.
constexpr std::uint64_t with_in = 1;
constexpr std::uint64_t with_out = 2;
constexpr std::uint64_t to_terminal = 4;
constexpr int flag_bits = 3;

struct Address {
  sockaddr_un address{};
  socklen_t size = 0;
};

// An abstract name: no file that somebody would have to remove.
Address address_of(const std::string& name) {
  Address result;
  result.address.sun_family = AF_UNIX;
  const std::size_t length = std::min(name.size(), sizeof result.address.sun_path - 1);
  std::memcpy(result.address.sun_path + 1, name.data(), length);
  result.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);
  return result;
}

Descriptor new_socket() {
  return required(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                  "make a socket for the supervisor");
}

// The parts of a message, in one place because they point to each other.
struct Packet {
  LifelineWord word;
  iovec part{&word, sizeof word};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> control{};
  msghdr header{};

  explicit Packet(const LifelineWord& w = {}) : word(w) {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
  }
  Packet(const Packet&) = delete;
  Packet& operator=(const Packet&) = delete;
};

std::vector<Descriptor> descriptors_in(msghdr& header) {
  std::vector<Descriptor> found;
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
      found.emplace_back(fd);
    }
  }
  return found;
}

std::optional<ucred> credentials(int fd) {
  ucred who{};
  socklen_t size = sizeof who;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return std::nullopt;
  return who;
}

// Whether less than half of what may wait to be heard does.
bool has_room(int fd) {
  int waiting = 0;
  int most = 0;
  socklen_t size = sizeof most;
  return ioctl(fd, SIOCOUTQ, &waiting) != 0 ||
         getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &most, &size) != 0 || waiting < most / 2;
}

}  // namespace

std::optional<Lifeline> Lifeline::connect(const std::string& name) {
  Descriptor socket = new_socket();
  const Address to = address_of(name);
  if (::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&to.address), to.size) != 0) {
    return std::nullopt;
  }
  Lifeline line(std::move(socket));
  // Any user of a host may have a socket of any name there.
  if (!line.same_user()) return std::nullopt;
  return line;
}

void Lifeline::say(const LifelineWord& word) const {
  const bool is_made_up_for =
      word.kind == LifelineWord::Kind::progress || word.kind == LifelineWord::Kind::alive;
  if (!is_made_up_for || has_room(socket_.fd())) give(word, {});
}

void Lifeline::give(const LifelineWord& word, const std::vector<int>& descriptors) const {
  Packet packet(word);
  if (!descriptors.empty()) {
    packet.header.msg_control = packet.control.data();
    packet.header.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
    cmsghdr* c = CMSG_FIRSTHDR(&packet.header);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(c), descriptors.data(), descriptors.size() * sizeof(int));
  }
  sendmsg(socket_.fd(), &packet.header, MSG_DONTWAIT | MSG_NOSIGNAL);
}

Lifeline::Heard Lifeline::hear() const {
  Packet packet;
  packet.header.msg_control = packet.control.data();
  packet.header.msg_controllen = packet.control.size();
  const auto size = recvmsg(socket_.fd(), &packet.header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  Heard heard;
  if (size < 0) {
    const bool later = errno == EAGAIN || errno == EINTR;
    heard.what = later ? Heard::What::nothing : Heard::What::end;
    return heard;
  }
  heard.descriptors = descriptors_in(packet.header);
  heard.word = packet.word;
  const bool whole = size == sizeof packet.word && (packet.header.msg_flags & MSG_TRUNC) == 0;
  heard.what = whole ? Heard::What::word : Heard::What::end;
  return heard;
}

pid_t Lifeline::other_process() const {
  const auto who = credentials(socket_.fd());
  return who ? who->pid : -1;
}

Descriptor Lifeline::other_process_descriptor() const {
#ifndef SO_PEERPIDFD
  constexpr int SO_PEERPIDFD = 77;  // Linux 6.5
#endif
  int fd = -1;
  socklen_t size = sizeof fd;
  if (getsockopt(socket_.fd(), SOL_SOCKET, SO_PEERPIDFD, &fd, &size) == 0) return Descriptor(fd);
  Descriptor process = process_descriptor(other_process());
  // Its number may have become another's in between; then this line has ended.
  pollfd line{socket_.fd(), POLLRDHUP, 0};
  if (poll(&line, 1, 0) > 0 && (line.revents & (POLLRDHUP | POLLHUP)) != 0) process.reset();
  return process;
}

bool Lifeline::same_user() const {
  const auto who = credentials(socket_.fd());
  return who && who->uid == geteuid();
}

LifelineServer::LifelineServer()
    : name_("taskrun-" + random_text()), secret_(random_text()), socket_(new_socket()) {
  const Address at = address_of(name_);
  if (bind(socket_.fd(), reinterpret_cast<const sockaddr*>(&at.address), at.size) != 0 ||
      listen(socket_.fd(), backlog) != 0) {
    throw_system_failure("give the ranks a socket to connect to");
  }
}

std::optional<Lifeline> LifelineServer::accept() const {
  Descriptor socket(accept4(socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket.open() && errno != EAGAIN && is_shortage(errno)) {
    throw_system_failure("hear a rank");
  }
  if (!socket.open()) return std::nullopt;
  Lifeline line(std::move(socket));
  if (!line.same_user()) return std::nullopt;
  return line;
}

std::optional<Streams> receive_streams(const Lifeline& line) {
  pollfd polled{line.fd(), POLLIN, 0};
  if (poll(&polled, 1, streams_deadline_milliseconds) <= 0) return std::nullopt;
  auto heard = line.hear();
  if (heard.what != Lifeline::Heard::What::word || heard.descriptors.empty() ||
      heard.word.kind != LifelineWord::Kind::streams) {
    return std::nullopt;
  }
  Streams streams;
  auto descriptor = heard.descriptors.begin();
  const auto take = [&] {
    return descriptor < heard.descriptors.end() ? std::move(*descriptor++) : Descriptor();
  };
  streams.err = take();
  if ((heard.word.value & with_in) != 0) streams.in = take();
  if ((heard.word.value & with_out) != 0) streams.out = take();
  streams.out_is_terminal = (heard.word.value & to_terminal) != 0;
  streams.written_bytes = heard.word.value >> flag_bits;
  return streams;
}

void give_streams(const Lifeline& line, const Streams& streams) {
  std::vector<int> descriptors{streams.err.fd()};
  std::uint64_t value = streams.written_bytes << flag_bits;
  if (streams.in.open()) {
    descriptors.push_back(streams.in.fd());
    value |= with_in;
  }
  if (streams.out.open()) {
    descriptors.push_back(streams.out.fd());
    value |= with_out;
  }
  if (streams.out_is_terminal) value |= to_terminal;
  line.give({LifelineWord::Kind::streams, 0, value}, descriptors);
}

}  // namespace taskrun
