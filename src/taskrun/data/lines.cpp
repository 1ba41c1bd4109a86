// SPDX-License-Identifier: MIT
#include "taskrun/data/lines.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <cerrno>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "taskrun/core/error.hpp"
#include "taskrun/data/line_store.hpp"
#include "taskrun/os/descriptor.hpp"
#include "taskrun/os/passed_input.hpp"
#include "taskrun/os/system_failure.hpp"
#include "taskrun/os/thread.hpp"

namespace taskrun {
namespace {

// What a pipe holds.
constexpr std::size_t read_bytes = std::size_t{1} << 16;

Error cannot_read_lines(const std::string& name, int error) {
  if (error == EBADF) {
    return usage_error(
        "cannot read " + name +
        ": it is closed, did not come to this rank, or was read in part by ranks that "
        "are gone and a pipe cannot be read twice; give a file, or start again");
  }
  return usage_error("cannot read " + name + ": " + system_reason(error));
}

// A named pipe is opened, and read, without waiting for its other end.
Descriptor open_file(const std::string& path) {
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.open()) throw_if_short("read " + path);
  struct stat status {};
  if (!file.open() || fstat(file.fd(), &status) != 0) throw cannot_read_lines(path, errno);
  if (S_ISDIR(status.st_mode)) throw cannot_read_lines(path, EISDIR);
  return file;
}

std::uint64_t joined(std::uint64_t digest, const CutLine& line) {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
  return (std::rotl(digest, 5) ^ checksum(view_of(line.text)) ^ line.number) * odd;
}

}  // namespace

std::string input_name(const std::string& path) { return path == "-" ? "stdin" : path; }

// What the copies of a dataset and its reader share.
class Lines::Store {
 public:
  Store(const std::string& path, LineRules line_rules, std::uint64_t budget_bytes)
      : name(input_name(path)),
        rules(line_rules),
        splitter(line_rules),
        bell(make_event_descriptor()),
        lines(budget_bytes, [this] { ring(); }) {
    if (path != "-") {
      file = open_file(path);
      fd = file.fd();
    }
    first_size = file_size();
  }

  // Of a regular file; it may grow while it is read, and of some (procfs) it says nothing.
  off_t file_size() const {
    struct stat status {};
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : 0;
  }
  // At its end: one that was cut meanwhile ended too early. Throws Error (environment).
  void expect_whole() const {
    const off_t size = file_size();
    if (size >= first_size) return;
    throw environment_error(name + " has " + std::to_string(size) + " bytes and had " +
                            std::to_string(first_size) +
                            " when the run began: it must not be cut meanwhile");
  }

  void ring() const { eventfd_write(bell.fd(), 1); }

  // What there is; empty at the end, and none where a signal was in the way or another process was
  // faster.
  std::optional<std::string_view> read_some(std::string& buffer) const {
    const auto count = ::read(fd, buffer.data(), buffer.size());
    if (count >= 0) return std::string_view(buffer).substr(0, static_cast<std::size_t>(count));
    if (errno != EINTR && errno != EAGAIN) throw cannot_read_lines(name, errno);
    return std::nullopt;
  }
  // Before anybody else reads.
  template <class Enough, class Take>
  void read_until(Enough enough, Take take) {
    std::string buffer(read_bytes, '\0');
    while (!enough() && !is_at_end) {
      pollfd polled{fd, POLLIN, 0};
      if (poll(&polled, 1, -1) < 0) continue;
      const auto bytes = read_some(buffer);
      if (!bytes) continue;
      is_at_end = bytes->empty();
      if (is_at_end) expect_whole();
      if (is_at_end && fd == STDIN_FILENO) await_input_end();
      splitter.feed(*bytes, take);
      if (is_at_end) splitter.finish(take);
    }
  }
  std::string why_too_long(const CutLine& line) const {
    const std::string most = " is longer than " + std::to_string(rules.longest_bytes) + " bytes";
    const std::string number = std::to_string(line.number);
    return rules.block_bytes > 0 ? name + ": block " + number + most
                                 : name + ":" + number + ": the line" + most;
  }

  const std::string name;
  const LineRules rules;
  LineSplitter splitter;  // of whoever reads
  LineBatch ahead;        // what was read along with the header
  bool is_at_end = false;
  std::uint64_t header_digest = 0;
  const Descriptor bell;  // the reader's
  Descriptor file;
  int fd = STDIN_FILENO;
  off_t first_size = 0;
  bool is_open_ended = true;
  std::optional<std::uint64_t> digest;  // where it was read whole
  LineStore lines;
};

// --- reading

class Lines::Reader final : public InputReading {
 public:
  Reader(std::shared_ptr<Store> store, Wakeup& wakeup, const InputState& seen)
      : store_(std::move(store)),
        wakeup_(wakeup),
        seen_(seen),
        thread_(start_thread("to read " + store_->name, [this] { read_on(); })) {}

  ~Reader() override {
    stop_ = true;
    store_->ring();
    thread_.join();
  }

  InputState state() const override {
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
    return state_;
  }

 private:
  void read_on() {
    try {
      present_.digest = store_->header_digest;
      for (std::uint64_t i = 0; i < store_->ahead.size(); ++i) add(store_->ahead.line(i));
      store_->ahead = {};
      if (store_->is_at_end) return end();
      publish();
      std::string buffer(read_bytes, '\0');
      while (wait_for_input()) {
        const auto bytes = store_->read_some(buffer);
        if (!bytes) continue;
        if (!bytes->empty()) {
          take(*bytes);
        } else if (wait_for_certainty()) {
          store_->expect_whole();
          return end();
        }
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
    }
    wakeup_.notify();
  }

  // False when the reading is to stop.
  bool wait_for_input() {
    while (!stop_) {
      // What was seen before must be read through: nothing is done, and makes room, until then.
      const bool wanted = !has_all_seen() || store_->lines.has_room();
      pollfd polled[2] = {{wanted ? store_->fd : -1, POLLIN, 0}, {store_->bell.fd(), POLLIN, 0}};
      if (poll(polled, 2, -1) < 0) continue;
      eventfd_t rings = 0;
      if (polled[1].revents != 0) eventfd_read(store_->bell.fd(), &rings);
      if (polled[0].revents != 0) return !stop_;
    }
    return false;
  }

  // That the input ends here. False when the reading is to stop.
  bool wait_for_certainty() {
    if (store_->fd != STDIN_FILENO) return true;
    const Time seen = steady_now();
    while (!stop_) {
      const Duration doubt = doubt_about_input_end(seen);
      if (doubt == Duration::zero()) return true;
      const auto whole = std::chrono::ceil<std::chrono::milliseconds>(doubt);
      pollfd polled{store_->bell.fd(), POLLIN, 0};
      eventfd_t rings = 0;
      if (poll(&polled, 1, static_cast<int>(whole.count())) > 0) eventfd_read(polled.fd, &rings);
    }
    return false;
  }

  void take(std::string_view bytes) {
    store_->splitter.feed(bytes, [this](const CutLine& line) { add(line); });
    publish();
  }

  void end() {
    store_->splitter.finish([this](const CutLine& line) { add(line); });
    if (present_.item_count < seen_.item_count) {
      throw another_input("it ends after " + std::to_string(present_.item_count) + " lines of " +
                          std::to_string(seen_.item_count));
    }
    present_.ended = true;
    publish();
  }

  void add(const CutLine& line) {
    ++present_.item_count;
    present_.digest = joined(present_.digest, line);
    if (present_.item_count == seen_.item_count && present_.digest != seen_.digest) {
      throw another_input("its first " + std::to_string(seen_.item_count) + " lines differ");
    }
    if (present_.item_count > seen_.item_count && seen_.ended) {
      throw another_input("it goes on after " + std::to_string(seen_.item_count) + " lines");
    }
    batch_.add(line);
    if (batch_.is_full()) store_->lines.add(std::exchange(batch_, {}));
  }

  void publish() {
    store_->lines.add(std::exchange(batch_, {}));
    if (!has_all_seen()) return;
    {
      const std::lock_guard lock(mutex_);
      if (state_ == present_) return;
      state_ = present_;
    }
    wakeup_.notify();
  }

  // Of what an earlier run saw, its end included.
  bool has_all_seen() const {
    return present_.item_count >= seen_.item_count && (present_.ended || !seen_.ended);
  }

  Error another_input(const std::string& why) const {
    return usage_error(store_->name + " is not the input that the journal is of: " + why +
                       "; give the same input again, from its start");
  }

  const std::shared_ptr<Store> store_;
  Wakeup& wakeup_;
  const InputState seen_;
  std::atomic<bool> stop_ = false;

  mutable std::mutex mutex_;
  InputState state_;            // guarded by mutex_
  std::exception_ptr failure_;  // likewise

  // The thread's own.
  LineBatch batch_;
  InputState present_;
  std::thread thread_;  // last: it uses all others
};

std::unique_ptr<InputReading> Lines::read(Wakeup& wakeup, const InputState& seen) const {
  return std::make_unique<Reader>(store_, wakeup, seen);
}

void Lines::read_whole() const {
  store_->lines.lift_budget();
  Wakeup wakeup;
  Reader reader(store_, wakeup, {});
  while (!reader.state().ended) wakeup.wait_for(std::chrono::hours(1));
  store_->digest = reader.state().digest;
  store_->is_open_ended = false;
}

std::vector<InputFile> Lines::inputs() const {
  if (!store_->digest) return {};
  return {InputFile(store_->name, *store_->digest)};
}

// --- the dataset

Lines::Lines(const std::string& path, LineRules rules, std::uint64_t budget_bytes)
    : store_(std::make_shared<Store>(path, rules, budget_bytes)) {
  if (is_standard_input(path)) note_input_is_read();
}

Lines::Lines(const std::vector<std::string>& texts)
    : store_(std::make_shared<Store>("-", LineRules{}, UINT64_MAX)) {
  store_->is_open_ended = false;
  LineBatch batch;
  for (const auto& text : texts) {
    batch.add({text, store_->lines.size() + batch.size() + 1, false});
    if (batch.is_full()) store_->lines.add(std::exchange(batch, {}));
  }
  store_->lines.add(std::move(batch));
}

std::optional<Line> Lines::take_header() const {
  Store& store = *store_;
  std::optional<Line> header;
  const auto take = [&](const CutLine& line) {
    if (header) return store.ahead.add(line);
    if (line.too_long) throw usage_error(store.why_too_long(line));
    header = Line{line.number, std::string(line.text)};
    store.header_digest = joined(0, line);
  };
  store.read_until([&] { return header.has_value(); }, take);
  return header;
}

std::vector<Line> Lines::first_lines() const {
  Store& store = *store_;
  store.read_until([&] { return store.ahead.size() > 0; },
                   [&](const CutLine& line) { store.ahead.add(line); });
  std::vector<Line> lines;
  for (std::uint64_t i = 0; i < store.ahead.size(); ++i) {
    const CutLine line = store.ahead.line(i);
    if (!line.too_long) lines.push_back({line.number, std::string(line.text)});
  }
  return lines;
}

const std::string& Lines::name() const { return store_->name; }

bool Lines::is_open_ended() const { return store_->is_open_ended; }

void Lines::release(ItemRange items) const { store_->lines.release(items); }

std::uint64_t Lines::size() const { return store_->lines.size(); }

std::vector<Line> Lines::slice(ItemRange items) const {
  Bytes bytes;
  ship(items, bytes);
  return receive(bytes);
}

void Lines::ship(ItemRange items, Bytes& out) const {
  ByteWriter writer(out);
  store_->lines.see(items, [&](const CutLine& line) {
    writer.put(line.number);
    writer.put(line.too_long);
    if (line.too_long) {
      writer.put_sized(view_of(store_->why_too_long(line)));
    } else {
      writer.put_sized(view_of(line.text));
    }
  });
}

std::vector<Line> Lines::receive(ByteView bytes) {
  std::vector<Line> lines;
  ByteReader in(bytes);
  while (!in.at_end()) {
    const auto number = in.take<std::uint64_t>();
    const bool too_long = in.take<bool>();
    lines.push_back({number, in.take_text()});
    if (too_long) throw std::runtime_error(lines.back().text);
  }
  return lines;
}

}  // namespace taskrun
