// SPDX-License-Identifier: MIT
// Which variant won, and why: from processor time against wall time, chunks against slots, slots
// against cores.
#include <fmt/format.h>

#include <algorithm>

#include "taskrun/report/comparison.hpp"
#include "taskrun/report/text.hpp"

namespace taskrun {
namespace {

// Less is within what runs differ by anyhow.
constexpr double worth_a_word = 1.1;
// Of a core, while one thing is done at a time: above it computes, below the other it waits.
constexpr double computing_load = 0.7;
constexpr double waiting_load = 0.3;
// Below this part of what was possible something is worth explaining.
constexpr double good_part_of_possible = 0.8;
// Starting threads and ending them costs milliseconds, starting mpirun some tenths of a second.
constexpr Duration short_run = std::chrono::milliseconds(100);
// With fewer for each slot the last ones leave slots idle for a good part of the run.
constexpr std::uint64_t fewest_chunks_per_slot = 4;
// More processor time than this for the same work is lost to something.
constexpr double more_work = 1.25;

// Of the wall time, all threads together: the machine had more to do than this.
constexpr double queued_much = 0.3;

class ComparisonReading {
 public:
  explicit ComparisonReading(const Comparison& comparison)
      : c_(comparison), first_(c_.variants.front()), next_(&c_.variants.at(1)) {
    for (std::size_t i = 2; i < c_.variants.size(); ++i) {
      if (c_.variants[i].wall < next_->wall) next_ = &c_.variants[i];
    }
    best_ = next_->wall < first_.wall ? next_ : &first_;
  }

  std::string sentence() const {
    if (gain() < worth_a_word) return "Fastest: " + without_gain();
    return fmt::format("Fastest: {}, {:.3g} times as fast as {}: {}{}{}.", best_->name, gain(),
                       first_.name, nature(), what_helped(), afterthoughts());
  }

 private:
  bool computes() const { return load_of(first_) >= computing_load; }
  bool waits() const { return load_of(first_) <= waiting_load; }
  double gain() const { return speed_up(c_, *best_); }

  std::string nature() const {
    const std::string load = readable_ratio(std::min(1.0, load_of(first_)));
    if (computes())
      return fmt::format("the job is CPU-bound ({} wanted a core for {} of its time)", first_.name,
                         load);
    if (waits()) {
      return fmt::format("the job is I/O-bound ({} wanted a core for only {} of its time)",
                         first_.name, load);
    }
    return fmt::format("the job computes and waits in turn ({} wanted a core for {} of its time)",
                       first_.name, load);
  }

  std::string what_helped() const {
    if (!computes())
      return fmt::format(", and up to {} chunks waited at the same time", best_->at_once);
    return fmt::format(", and {} cores shared the work", std::min(best_->at_once, c_.core_count));
  }

  // What kept the fastest from being faster still, and where the processes' time went.
  std::string afterthoughts() const {
    std::string text;
    if (computes() && gain() < good_part_of_possible * possible(*best_))
      text += "; " + shortfall(*best_);
    for (const auto& variant : c_.variants) {
      const Duration aside = variant.wall - variant.run;
      if (&variant == best_ || variant.at_once == 1) continue;
      if (aside > short_run && seconds(aside) > 0.1 * seconds(best_->wall)) {
        text +=
            fmt::format("; of the {} of {} {} went into starting and ending",
                        readable_duration(variant.wall), variant.name, readable_duration(aside));
      }
    }
    return text;
  }

  double possible(const VariantFigures& variant) const {
    return static_cast<double>(std::min(variant.at_once, c_.core_count));
  }

  bool oversubscribed(const VariantFigures& variant) const {
    return variant.at_once > c_.core_count;
  }

  // Why so many did not bring so much. For jobs that compute.
  std::string shortfall(const VariantFigures& variant) const {
    if (c_.chunk_count < fewest_chunks_per_slot * variant.at_once) {
      return fmt::format("{} chunks are too few for {} to share evenly (--chunks)", c_.chunk_count,
                         variant.at_once);
    }
    if (oversubscribed(variant)) {
      return fmt::format("oversubscribed: {} took turns on {} core{}", variant.at_once,
                         c_.core_count, c_.core_count == 1 ? "" : "s");
    }
    if (seconds(variant.wall - variant.run) > 0.2 * seconds(variant.wall)) {
      return fmt::format("overhead: {} of {} went into starting and ending",
                         readable_duration(variant.wall - variant.run),
                         readable_duration(variant.wall));
    }
    if (seconds(variant.queued) > queued_much * seconds(variant.wall)) {
      return "the machine was busy with other programs as well";
    }
    const double grown = seconds(variant.processor) / seconds(first_.processor);
    if (grown > more_work) {
      return fmt::format(
          "the same work took {:.2f} times the processor time, as cores share memory and caches",
          grown);
    }
    return "the cores waited for each other";
  }

  // The whole rest of the sentence.
  std::string without_gain() const {
    const std::string lead = best_ == &first_ ? first_.name
                                              : fmt::format("{}, but by {} only", best_->name,
                                                            readable_ratio(gain() - 1));
    return fmt::format("{}: {}.", lead, why_no_gain());
  }

  std::string why_no_gain() const {
    if (first_.wall < short_run) {
      return fmt::format("the parallel overhead is not recouped in a run of {}",
                         readable_duration(first_.wall));
    }
    if (computes()) return nature() + ", and " + shortfall(*next_);
    if (!c_.io_bound) {
      return nature() + fmt::format(", and {} at once are too few: give more --threads than cores",
                                    next_->at_once);
    }
    return nature() +
           ", and waiting for several at the same time took as long: what they wait for "
           "does one thing at a time";
  }

  const Comparison& c_;
  const VariantFigures& first_;
  const VariantFigures* next_;  // the fastest but the first
  const VariantFigures* best_ = nullptr;
};

}  // namespace

std::string comparison_sentence(const Comparison& comparison) {
  return ComparisonReading(comparison).sentence();
}

}  // namespace taskrun
