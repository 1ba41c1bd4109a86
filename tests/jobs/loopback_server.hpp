// SPDX-License-Identifier: MIT
// A web server on the loopback network that misbehaves on purpose: what it does is in the path.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace taskrun::testing {

/// Answers until it is destroyed. A connection is one request, each on a thread of its own.
///   /title/TEXT   an HTML page of that title       /status/CODE  that status
///   /redirect/N   to /redirect/N-1, and then /title/there
///   /busy/N/NAME  503 to the first N requests of that name, then a page
///   /wait/MS      a page, after so long            /endless      a body without an end
///   /stall        half a page, then nothing        /garbage      no HTTP
///   /close        nothing at all                   /short        less than it promised
///   /empty        a page without a byte            /patience/S   503 with Retry-After: S
///   /raw          what set_raw() was given
class LoopbackServer {
 public:
  LoopbackServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, raw, size) != 0 || ::listen(listener_, 128) != 0 ||
        ::getsockname(listener_, raw, &size) != 0) {
      throw std::runtime_error("no server on the loopback network");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~LoopbackServer() {
    stop_ = true;
    acceptor_.join();
    for (auto& answer : answers_) answer.join();
    ::close(listener_);
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  /// The most requests that waited at the same time.
  int most_at_once() const { return most_at_once_; }
  int request_count() const { return request_count_; }
  /// Before there are requests.
  void set_raw(const std::string& type, const std::string& body) {
    raw_ = "HTTP/1.1 200 OK\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

 private:
  void accept_all() {
    while (!stop_) {
      pollfd ready{listener_, POLLIN, 0};
      if (::poll(&ready, 1, 20) <= 0) continue;
      const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client >= 0) answers_.emplace_back([this, client] { answer(client); });
    }
  }

  void answer(int client) {
    ++request_count_;
    const std::string path = read_path(client);
    if (!path.empty()) respond(client, path);
    ::close(client);
  }

  // Of the request's first line, once its head is whole.
  std::string read_path(int client) const {
    std::string head;
    while (head.find("\r\n\r\n") == head.npos) {
      pollfd ready{client, POLLIN, 0};
      if (stop_) return "";
      if (::poll(&ready, 1, 20) <= 0) continue;
      char buffer[2048];
      const ssize_t count = ::recv(client, buffer, sizeof buffer, 0);
      if (count <= 0) return "";
      head.append(buffer, static_cast<std::size_t>(count));
    }
    const auto begin = head.find(' ') + 1;
    return head.substr(begin, head.find(' ', begin) - begin);
  }

  bool send(int client, const std::string& text) const {
    return ::send(client, text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  }

  static std::string page(const std::string& status, const std::string& title,
                          const std::string& more = "") {
    const std::string body = "<!doctype html><title>" + title + "</title><p>body";
    return "HTTP/1.1 " + status + "\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\nConnection: close\r\n" + more + "\r\n" + body;
  }

  // In small steps, so that the end of the test is seen.
  void wait(int milliseconds) {
    const int now = ++at_once_;
    for (int most = most_at_once_; most < now && !most_at_once_.compare_exchange_weak(most, now);) {
    }
    for (; milliseconds > 0 && !stop_; milliseconds -= 5) ::poll(nullptr, 0, 5);
    --at_once_;
  }

  void respond(int client, const std::string& path) {
    const auto second = path.find('/', 1);
    const std::string what = path.substr(0, second);
    const std::string rest = second == path.npos ? "" : path.substr(second + 1);
    if (what == "/title") send(client, page("200 OK", rest));
    if (what == "/status") send(client, page(rest + " So", "so"));
    if (what == "/redirect") redirect(client, std::stoi(rest));
    if (what == "/busy")
      send(client, is_busy(rest) ? page("503 Busy", "busy") : page("200 OK", "free"));
    if (what == "/wait") {
      wait(std::stoi(rest));
      send(client, page("200 OK", "waited"));
    }
    if (what == "/endless") {
      send(client, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
      while (!stop_ && send(client, std::string(10'000, 'x'))) {
      }
    }
    if (what == "/stall") {
      send(client, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
      wait(60'000);
    }
    if (what == "/patience")
      send(client, page("503 Busy", "busy", "Retry-After: " + rest + "\r\n"));
    if (what == "/raw") send(client, raw_);
    if (what == "/empty") send(client, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    if (what == "/garbage") send(client, std::string("\0\x01garbage\xff\r\n\r\n", 13));
    if (what == "/short") send(client, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  }

  void redirect(int client, int left) {
    const std::string to = left > 0 ? "/redirect/" + std::to_string(left - 1) : "/title/there";
    send(client, page("302 Found", "moved", "Location: " + to + "\r\n"));
  }

  // N/NAME
  bool is_busy(const std::string& rest) {
    const std::lock_guard lock(mutex_);
    return ++requests_[rest] <= std::stoi(rest);
  }

  std::string raw_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<int> at_once_ = 0;
  std::atomic<int> most_at_once_ = 0;
  std::atomic<int> request_count_ = 0;
  std::mutex mutex_;
  std::map<std::string, int> requests_;  // guarded by mutex_
  std::vector<std::thread> answers_;     // the acceptor's, until it has ended
  std::thread acceptor_;
};

}  // namespace taskrun::testing
