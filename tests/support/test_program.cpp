// SPDX-License-Identifier: MIT
// The jobs of the test program: those that unit tests run as well, and some whose trouble shows in
// a whole program only.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "mishaps.hpp"
#include "taskrun/job/registry.hpp"
#include "test_jobs.hpp"

namespace taskrun::testing {
namespace {

/// Counts its items; some chunks throw.
struct FailingChunks {
  std::uint64_t items = 100;
  std::uint64_t fail_always = 0;
  bool fail_once = false;

  void params(Params& p) {
    p.count("items", items, "items to count");
    p.count("fail-always", fail_always, "so many chunks, the first ones, never succeed");
    p.flag("fail-once", fail_once, "every chunk fails at its first attempt");
  }
  Range dataset() const { return {0, items}; }
  std::uint64_t map(Range part, const Context& context) const {
    if (context.chunk() < fail_always) throw std::runtime_error("this chunk always fails");
    if (fail_once && context.attempt() == 1) throw std::runtime_error("this try fails");
    return part.size();
  }
  std::uint64_t reduce(std::uint64_t left, std::uint64_t right) const { return left + right; }
  void print(std::uint64_t result, std::ostream& out) const { out << result << " items\n"; }
};

/// A partial that is far above every limit of what is sent at once.
struct Huge {
  std::uint64_t items = 4;
  std::uint64_t item_bytes = 1'000'000;

  void params(Params& p) {
    p.count("items", items, "pieces");
    p.count("item-bytes", item_bytes, "bytes of each piece");
  }
  Range dataset() const { return {0, items}; }
  std::string map(Range part) const {
    std::string text;
    for (std::uint64_t i = part.first(); i < part.past(); ++i) {
      text.append(item_bytes, static_cast<char>('a' + i % 26));
    }
    return text;
  }
  std::string reduce(std::string left, std::string right) const { return std::move(left) + right; }
  void print(const std::string& result, std::ostream& out) const {
    out << result.size() << " bytes, checksum " << checksum(view_of(result)) << '\n';
  }
};

/// Chunks that take their time and no core.
struct Naps {
  std::uint64_t items = 100;
  std::uint64_t milliseconds = 10;
  bool deaf = false;

  void params(Params& p) {
    p.count("items", items, "naps to take");
    p.count("milliseconds", milliseconds, "length of each");
    p.flag("deaf", deaf, "sleep on when told to stop");
  }
  Range dataset() const { return {0, items}; }
  std::uint64_t map(Range part, const Context& context) const {
    for (std::uint64_t i = 0; i < part.size(); ++i) nap(context);
    return part.size();
  }
  std::uint64_t reduce(std::uint64_t left, std::uint64_t right) const { return left + right; }
  void print(std::uint64_t result, std::ostream& out) const { out << result << " naps\n"; }

 private:
  void nap(const Context& context) const {
    for (std::uint64_t i = 0; i < milliseconds && (deaf || !context.stop_requested()); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
};

/// Items that end when so many of them wait at the same time, each for the others.
struct Meeting {
  std::uint64_t items = 64;
  std::uint64_t together = 32;

  void params(Params& p) {
    p.count("items", items, "who comes");
    p.count("together", together, "how many must be there at the same time");
  }
  bool io_bound() const { return true; }
  Range dataset() const { return {0, items}; }
  std::uint64_t map(Range part) const {
    static std::atomic<std::uint64_t> come = 0;
    const auto needed = (come.fetch_add(part.size()) / together + 1) * together;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (come < needed) {
      if (std::chrono::steady_clock::now() > until) throw std::runtime_error("nobody else came");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return part.size();
  }
  std::uint64_t reduce(std::uint64_t left, std::uint64_t right) const { return left + right; }
  void print(std::uint64_t result, std::ostream& out) const { out << result << " met\n"; }
};

/// A result that depends on how it is run, as none must.
struct ThreadCount {
  void params(Params&) {}
  Range dataset() const { return {0, 100}; }
  std::uint64_t map(Range) const { return 0; }
  std::uint64_t reduce(std::uint64_t left, std::uint64_t right) const { return left + right; }
  void print(std::uint64_t, std::ostream& out) const { out << own_arguments() << '\n'; }

 private:
  static std::string own_arguments() {
    std::ifstream in("/proc/self/cmdline");
    const std::string line(std::istreambuf_iterator<char>(in), {});
    return line.substr(line.find("--threads"), 11);
  }
};

// For tests that wait for chunks to begin, from any process.
void append_line(const std::string& path, const std::string& text) {
  const std::string line = text + "\n";
  const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  [[maybe_unused]] const auto written = write(fd, line.data(), line.size());
  close(fd);
}

void mark(const std::string& path, const Context& context) {
  if (!path.empty())
    append_line(path, std::to_string(getpid()) + " " + std::to_string(context.chunk()));
}

// Nanoseconds since 1970.
std::int64_t wall_now() {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Results of any size whose every byte depends on all chunks and their order. Chunks that begin
/// say so in a file, for tests that wait for them, and in another one how long they took.
struct Weave {
  std::uint64_t items = 100;
  std::uint64_t result_bytes = 64;
  std::uint64_t milliseconds = 10;
  std::string mark_file;
  std::string time_file;
  std::string leave_file;
  std::string say_file;

  void params(Params& p) {
    p.count("items", items, "threads to weave");
    p.count("result-bytes", result_bytes, "of each partial, and of the result", 2);
    p.count("milliseconds", milliseconds, "that each takes");
    p.text("mark-file", mark_file, "gets a line for each chunk that begins");
    p.text("time-file", time_file, "gets a line for each chunk that ends: chunk, begin and end");
    p.text(
        "leave-file", leave_file,
        "made by the first rank but rank 0 that is at a chunk, which then leaves without a word");
    p.text("say-file", say_file, "whose content each chunk writes to stderr");
  }
  Range dataset() const { return {0, items}; }
  std::string map(Range part, const Context& context) const {
    mark(mark_file, context);
    leave_once();
    say();
    const std::int64_t begun = wall_now();
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds * part.size()));
    std::string woven = thread(part.first());
    for (std::uint64_t i = part.first() + 1; i < part.past(); ++i) {
      woven = reduce(std::move(woven), thread(i));
    }
    if (!time_file.empty()) {
      append_line(time_file, std::to_string(context.chunk()) + " " + std::to_string(begun) + " " +
                                 std::to_string(wall_now()));
    }
    return woven;
  }
  // Pairs of bytes are functions x -> mx + c, and are composed: that is associative, and depends on
  // the order.
  std::string reduce(std::string left, const std::string& right) const {
    for (std::size_t i = 0; i + 1 < left.size(); i += 2) {
      left[i + 1] = static_cast<char>(left[i + 1] * right[i] + right[i + 1]);
      left[i] = static_cast<char>(left[i] * right[i]);
    }
    return left;
  }
  void print(const std::string& result, std::ostream& out) const {
    out << result.size() << " bytes, checksum " << checksum(view_of(result)) << '\n';
  }

 private:
  void leave_once() const {
    const char* const rank = std::getenv("OMPI_COMM_WORLD_RANK");
    if (leave_file.empty() || rank == nullptr || std::string_view(rank) == "0") return;
    if (open(leave_file.c_str(), O_CREAT | O_EXCL | O_CLOEXEC, 0600) >= 0) _exit(0);
  }
  void say() const {
    if (say_file.empty()) return;
    std::ifstream in(say_file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
  }
  std::string thread(std::uint64_t item) const {
    std::string text(result_bytes, '\0');
    std::uint64_t state = item * 0x9E3779B97F4A7C15U + 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      text[i] = static_cast<char>((state >> 56U) | (i % 2 == 0 ? 1U : 0U));
    }
    return text;
  }
};

/// A line for each item, slowly; says as Weave when a chunk begins.
struct SlowLines {
  std::uint64_t items = 100;
  bool in_any_order = false;
  std::string mark_file;

  void params(Params& p) {
    p.count("items", items, "lines to write");
    p.flag("unordered", in_any_order, "write them as they come");
    p.text("mark-file", mark_file, "gets a line for each chunk that begins");
  }
  bool unordered() const { return in_any_order; }
  Range dataset() const { return {0, items}; }
  void emit(Range part, Output& out, const Context& context) const {
    mark(mark_file, context);
    for (std::uint64_t i = part.first(); i < part.past(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      out << "line " << i << '\n';
    }
  }
};

}  // namespace
}  // namespace taskrun::testing

using namespace taskrun::testing;

TASKRUN_JOB(float_sum, "add numbers up, sensitive to the order", FloatSum)
TASKRUN_JOB(concatenation, "concatenate numbers", Concatenation)
TASKRUN_JOB(lines, "write numbered lines", NumberedLines)
TASKRUN_JOB(failing, "count items while chunks fail", FailingChunks)
TASKRUN_JOB(huge, "make a partial that is large", Huge)
TASKRUN_JOB(naps, "sleep", Naps)
TASKRUN_JOB(meeting, "wait for each other", Meeting)
TASKRUN_JOB(thread_count, "tell how it is run", ThreadCount)
TASKRUN_JOB(slow_lines, "write numbered lines slowly", SlowLines)
TASKRUN_JOB(weave, "make a result of any size, sensitive to the order", Weave)
TASKRUN_JOB(mishaps, "crash, hang, take all memory", Mishaps)
