// SPDX-License-Identifier: MIT
// Items that only take time, drawn from a distribution, and fail on demand: for learning what a run
// does with uneven chunks and failures, for planning, and for tests.
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <ostream>
#include <stdexcept>
#include <string>

#include "shared/item_random.hpp"
#include "shared/waiting.hpp"
#include "sleep/distribution.hpp"
#include "taskrun/job/exact_sum.hpp"
#include "taskrun/job/registry.hpp"

namespace {

struct Slept {
  std::uint64_t count = 0;
  taskrun::ExactSum seconds;
  double longest_seconds = 0;

  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& count& seconds& longest_seconds;
  }
};

class Sleep {
 public:
  void params(taskrun::Params& params) {
    params.count("items", items_, "how many items", 0, 1'000'000'000'000);
    params.text("seconds", seconds_, "how long each takes: a number, or a distribution");
    params.count("seed", seed_, "random seed, of times and failures");
    params.real("fail", fail_, "fraction of items that fail", 0, 1);
    params.count("fail-attempts", fail_attempts_, "how many of their attempts fail; 0: all");
    params.choice("how", how_, "how they fail", {"throw", "crash", "exit", "hang"});
    params.flag("busy", busy_, "compute instead of waiting");
    params.example("--items 100 --seconds 'lognormal(-3,1)'", "uneven items");
    params.example("--items 50 --fail 0.1 --retries 3", "a tenth fail once and are tried again");
  }

  void check() const { taskrun::Distribution("--seconds", seconds_); }
  taskrun::Range dataset() const { return {0, items_}; }
  std::uint64_t chunk_size() const { return 1; }
  bool io_bound() const { return !busy_; }

  Slept map(taskrun::Range part, const taskrun::Context& context) const {
    const taskrun::Distribution distribution("--seconds", seconds_);
    Slept slept;
    for (std::uint64_t item = part.first(); item < part.past(); ++item) {
      const auto random = taskrun::item_random(seed_, item);
      const double seconds = distribution.at(even(random[0]), even(random[1]));
      pass(seconds, context);
      if (even(random[2]) < fail_) fail(item, context);
      slept = reduce(slept, one(seconds));
    }
    return slept;
  }

  Slept reduce(Slept left, const Slept& right) const {
    left.count += right.count;
    left.seconds.add(right.seconds);
    left.longest_seconds = std::max(left.longest_seconds, right.longest_seconds);
    return left;
  }

  void print(const Slept& slept, std::ostream& out) const {
    out << slept.count << " items took " << slept.seconds.value() << " s in all, the longest "
        << slept.longest_seconds << " s\n";
  }
  nlohmann::json json(const Slept& slept) const {
    return {{"items", slept.count},
            {"total_seconds", slept.seconds.value()},
            {"longest_seconds", slept.longest_seconds}};
  }

 private:
  static Slept one(double seconds) {
    Slept slept{1, {}, seconds};
    slept.seconds.add(seconds);
    return slept;
  }

  // From (0, 1), without its ends.
  static double even(std::uint32_t word) { return (word + 0.5) / 4294967296.0; }

  void pass(double seconds, const taskrun::Context& context) const {
    // A hundred years are enough, and fit a Duration.
    const auto duration = taskrun::from_seconds(std::min(seconds, 3.0e9));
    if (!busy_) return taskrun::wait(duration, context);
    const auto end = taskrun::steady_now() + duration;
    while (taskrun::steady_now() < end && !context.stop_requested()) {
    }
  }

  void fail(std::uint64_t item, const taskrun::Context& context) const {
    if (fail_attempts_ > 0 && context.attempt() > fail_attempts_) return;
    if (how_ == "crash") std::raise(SIGSEGV);
    if (how_ == "exit") std::_Exit(1);
    if (how_ == "hang") taskrun::wait(std::chrono::hours(24 * 365), context);
    throw std::runtime_error("item " + std::to_string(item + 1) + " fails, as asked (attempt " +
                             std::to_string(context.attempt()) + ")");
  }

  std::uint64_t items_ = 20;
  std::string seconds_ = "0.1";
  std::uint64_t seed_ = 1;
  double fail_ = 0;
  std::uint64_t fail_attempts_ = 1;
  std::string how_ = "throw";
  bool busy_ = false;
};

}  // namespace

TASKRUN_JOB(sleep, "take time, and fail on demand", Sleep)
