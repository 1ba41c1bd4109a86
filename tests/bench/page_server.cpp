// SPDX-License-Identifier: MIT
// A web server on the loopback network whose pages take their time, for measuring who fetches many.
// One thread, so that it takes little from them; connections stay open, as with real servers.
//
//   page_server MILLISECONDS      prints its port, and serves until its standard input ends
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

// What a small page has.
const std::string body = "<!doctype html><title>A page</title><p>" + std::string(2000, 'x');
const std::string answer =
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: " + std::to_string(body.size()) +
    "\r\n\r\n" + body;

struct Client {
  int fd;
  std::string heard{};
  std::optional<Clock::time_point> due{};  // of the answer to what was asked
};

class PageServer {
 public:
  explicit PageServer(Clock::duration latency) : latency_(latency) {}

  bool listen() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, raw, size) != 0 || ::listen(listener_, 1024) != 0 ||
        getsockname(listener_, raw, &size) != 0) {
      return false;
    }
    std::printf("%d\n", ntohs(address.sin_port));
    return std::fflush(stdout) == 0;
  }

  void serve() {
    while (wait()) {
      accept_all();
      for (Client& client : clients_) hear(client);
      for (Client& client : clients_) answer_if_due(client);
      std::erase_if(clients_, [](const Client& client) { return client.fd < 0; });
    }
  }

 private:
  // Until something can be done; false at the end of standard input.
  bool wait() {
    std::vector<pollfd> polled{{STDIN_FILENO, POLLIN, 0}, {listener_, POLLIN, 0}};
    auto until = Clock::now() + std::chrono::seconds(1);
    for (const Client& client : clients_) {
      polled.push_back({client.fd, POLLIN, 0});
      if (client.due) until = std::min(until, *client.due);
    }
    const auto left = std::max(Clock::duration::zero(), until - Clock::now());
    const timespec longest{static_cast<time_t>(left / std::chrono::seconds(1)),
                           static_cast<long>((left % std::chrono::seconds(1)).count())};
    ppoll(polled.data(), polled.size(), &longest, nullptr);
    return polled[0].revents == 0;
  }

  void accept_all() {
    for (int fd; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      clients_.push_back({fd});
    }
  }

  void hear(Client& client) const {
    char buffer[4096];
    const ssize_t count = recv(client.fd, buffer, sizeof buffer, 0);
    if (count == 0) drop(client);
    if (count <= 0) return;
    client.heard.append(buffer, static_cast<std::size_t>(count));
    const auto end = client.heard.find("\r\n\r\n");
    if (end == std::string::npos) return;
    client.heard.erase(0, end + 4);
    client.due = Clock::now() + latency_;
  }

  static void answer_if_due(Client& client) {
    if (!client.due || Clock::now() < *client.due) return;
    client.due.reset();
    const auto sent = send(client.fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(answer.size())) drop(client);
  }

  static void drop(Client& client) {
    close(client.fd);
    client.fd = -1;
    client.due.reset();
  }

  const Clock::duration latency_;
  int listener_ = -1;
  std::vector<Client> clients_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: page_server MILLISECONDS\n");
    return 2;
  }
  PageServer server(std::chrono::milliseconds(std::atoi(argv[1])));
  if (!server.listen()) {
    std::fprintf(stderr, "page_server: no server on the loopback network\n");
    return 4;
  }
  server.serve();
}
