// SPDX-License-Identifier: MIT
// A job whose code goes wrong in every way that ends a process, or should.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "taskrun/job/registry.hpp"

namespace taskrun::testing {

/// Concatenates its numbers, one a chunk; the mishap comes at some of them.
struct Mishaps {
  std::uint64_t items = 20;
  std::string what = "none";
  std::uint64_t at = 5;
  std::uint64_t every = 0;
  std::uint64_t milliseconds = 0;
  std::uint64_t item_bytes = 0;
  bool once = false;
  bool deaf = false;

  void params(Params& p) {
    p.count("items", items, "numbers to concatenate");
    p.choice("what", what, "what happens",
             {"none", "segv", "abort", "bus", "fpe", "kill", "term", "exit", "quit", "throw",
              "hang", "memory", "family", "terminate", "orphan"});
    p.count("at", at, "at which number");
    p.count("every", every, "and again after so many; 0: not again");
    p.count("milliseconds", milliseconds, "what each number takes");
    p.count("item-bytes", item_bytes, "length of each number's text, at least");
    p.flag("once", once, "at the first attempt only");
    p.flag("deaf", deaf, "do not look whether the result is still wanted");
  }
  Range dataset() const { return {0, items}; }
  std::uint64_t chunk_size() const { return 1; }
  std::string map(Range part, const Context& context) const {
    rest(context);
    const std::uint64_t number = part.first();
    const bool here = number == at || (every > 0 && number > at && (number - at) % every == 0);
    if (here && (!once || context.attempt() == 1)) happen(context);
    std::string text = std::to_string(number) + ",";
    if (text.size() < item_bytes) text.resize(item_bytes, static_cast<char>('a' + number % 26));
    return text;
  }
  std::string reduce(std::string left, std::string right) const { return std::move(left) + right; }
  void print(const std::string& result, std::ostream& out) const { out << result << '\n'; }

 private:
  bool goes_on(const Context& context) const { return deaf || !context.stop_requested(); }
  void rest(const Context& context) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    while (std::chrono::steady_clock::now() < until && goes_on(context)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  void happen(const Context& context) const {
    if (what == "segv") die_of(SIGSEGV);
    if (what == "abort") std::abort();
    if (what == "bus") die_of(SIGBUS);
    if (what == "fpe") die_of(SIGFPE);
    if (what == "kill") die_of(SIGKILL);
    if (what == "term") die_of(SIGTERM);
    if (what == "exit") _exit(3);
    if (what == "quit") std::exit(0);
    if (what == "throw") throw std::runtime_error("thrown");
    if (what == "hang") {
      while (goes_on(context)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (what == "memory") take_memory();
    if (what == "family") have_a_family();
    if (what == "terminate") std::terminate();
    if (what == "orphan") leave_a_child();
  }
  // Sanitizers report these signals, and end the process in their own way.
  [[noreturn]] static void die_of(int signal_number) {
    signal(signal_number, SIG_DFL);
    raise(signal_number);
    std::abort();
  }
  // As much as a helper may be given in a test, and then some.
  static void take_memory() {
    constexpr std::size_t most = std::size_t{1} << 30;
    constexpr std::size_t step = std::size_t{1} << 20;
    std::vector<std::unique_ptr<char[]>> taken;
    for (std::size_t bytes = 0; bytes < most; bytes += step) {
      taken.emplace_back(new char[step]);
      std::memset(taken.back().get(), 1, step);
    }
  }
  // Three processes with 40 MiB each, until they have been there for a while.
  static void have_a_family() {
    constexpr std::size_t each = std::size_t{40} << 20;
    for (int i = 0; i < 3; ++i) {
      if (fork() != 0) continue;
      const std::unique_ptr<char[]> taken(new char[each]);
      std::memset(taken.get(), 1, each);
      std::this_thread::sleep_for(std::chrono::milliseconds(400));
      _exit(0);
    }
    while (wait(nullptr) > 0) {
    }
  }
  // A process that would stay for ever, in a session of its own.
  static void leave_a_child() {
    if (fork() != 0) return;
    setsid();
    for (;;) pause();
  }
};

}  // namespace taskrun::testing
