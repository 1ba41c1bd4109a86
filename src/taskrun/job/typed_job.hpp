// SPDX-License-Identifier: MIT
// From an author's class to a Job. The class has, in this order:
//
//   void params(Params&)                        its members as options
//   void check() const                          optional: throws usage_error(...)
//   void begin(bool goes_on) const              optional: once, where the coordinator will be,
//                                               before all else; throws usage_error(...)
//   D dataset() const                           what is partitioned (datasets.hpp)
//   std::uint64_t chunk_size() const            optional: items a chunk should have; of an
//                                               open-ended dataset a chunk has one item, and where
//                                               the job reduces or wants more, it is read whole;
//                                               where there is none, the dataset's, if it has one
//   bool io_bound() const                       optional: true where its items mostly wait
//   bool needs_isolation() const                optional: true where its code may end its process
//   bool has_effects() const                    optional: true where it changes something outside
//   std::uint64_t slot_descriptors() const      optional: how many it opens at a time in a slot
//   bool keeps_limits() const                   optional: true where it minds context.limits()
//
// and, if it reduces:
//
//   R map(part, Context&) const                 a chunk's result; Context& may be left out
//   R reduce(R left, R right) const             joins neighbours; associative
//   R identity() const                          optional: the result of nothing
//   void print(const R&, std::ostream&) const   the result as text
//   nlohmann::json json(const R&) const         optional: the result for programs
//   std::string failure(const R&) const         optional: what of it failed; exit code 3
//
// or, if it emits:
//
//   void emit(part, Output&, Context&) const    a chunk's text; Context& may be left out
//   bool unordered() const                      optional: true where texts leave as they come
//   std::string details_path() const            optional: the file for the details of ChunkFailed
//
// A class with both has `bool emits() const`, which says from the parameters what this run does.
#pragma once

#include <concepts>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

#include "taskrun/core/contract.hpp"
#include "taskrun/core/divided_up.hpp"
#include "taskrun/data/datasets.hpp"
#include "taskrun/data/payload.hpp"
#include "taskrun/job/job.hpp"

namespace taskrun {

namespace detail {

// map(part, context) or map(part).
template <class J, class Part>
decltype(auto) call_map(const J& job, Part&& part, Context& context) {
  if constexpr (requires { job.map(part, context); }) {
    return job.map(std::forward<Part>(part), context);
  } else {
    return job.map(std::forward<Part>(part));
  }
}

template <class J, class Part>
void call_emit(const J& job, Part&& part, Output& output, Context& context) {
  if constexpr (requires { job.emit(part, output, context); }) {
    job.emit(std::forward<Part>(part), output, context);
  } else {
    job.emit(std::forward<Part>(part), output);
  }
}

template <class J>
concept HasDataset = requires(const J& job) {
  job.dataset();
};

// Of a class without one anything: it is refused below, in words.
template <class J>
struct DatasetTypeOf {
  using type = Range;
};
template <HasDataset J>
struct DatasetTypeOf<J> {
  using type = std::decay_t<decltype(std::declval<const J&>().dataset())>;
};
template <class J>
using DatasetOf = typename DatasetTypeOf<J>::type;

template <class D>
struct PartTypeOf {
  using type = Range;
};
template <Dataset D>
struct PartTypeOf<D> {
  using type = decltype(std::declval<const D&>().slice(ItemRange{}));
};
template <class J>
using PartOf = typename PartTypeOf<DatasetOf<J>>::type;

template <class J>
concept Maps = requires(const J& job, PartOf<J> part, Context& context) {
  job.map(part, context);
}
|| requires(const J& job, PartOf<J> part) { job.map(part); };

template <class J>
concept Emits = requires(const J& job, PartOf<J> part, Output& output, Context& context) {
  job.emit(part, output, context);
}
|| requires(const J& job, PartOf<J> part, Output& output) { job.emit(part, output); };

// What map returns; nothing of interest where there is no map.
template <class J>
struct ResultOf {
  using type = std::string;
};
template <Maps J>
struct ResultOf<J> {
  using type = std::decay_t<decltype(call_map(std::declval<const J&>(), std::declval<PartOf<J>>(),
                                              std::declval<Context&>()))>;
};

// What is there, but cannot be called as it must be. A member that is overloaded or a template is
// not seen, and left to the compiler.
template <class J>
concept HasMap = requires {
  &J::map;
};
template <class J>
concept HasEmit = requires {
  &J::emit;
};
template <class J>
concept MapsUnlessConst = requires(J& job, PartOf<J> part, Context& context) {
  job.map(part, context);
}
|| requires(J& job, PartOf<J> part) { job.map(part); };
template <class J>
concept EmitsUnlessConst = requires(J& job, PartOf<J> part, Output& out, Context& context) {
  job.emit(part, out, context);
}
|| requires(J& job, PartOf<J> part, Output& out) { job.emit(part, out); };

template <class J, class Result>
concept Reduces = requires(const J& job, Result left, Result right) {
  { job.reduce(std::move(left), std::move(right)) } -> std::convertible_to<Result>;
};
template <class J, class Result>
concept Prints = requires(const J& job, const Result& result, std::ostream& out) {
  job.print(result, out);
};

// Each rule for the class of a job that the compiler would tell at length, in one sentence.
template <class J>
struct JobRules {
  using Result = typename ResultOf<J>::type;
  static constexpr bool maps = Maps<J>;
  static constexpr bool can_emit = Emits<J>;

  static_assert(
      requires(J & job, Params& params) { job.params(params); },
      "a job has `void params(taskrun::Params&)`, public, which names its options; it may be "
      "empty");
  static_assert(HasDataset<J>,
                "a job has `dataset() const`, public, which returns what is partitioned");
  static_assert(
      Dataset<DatasetOf<J>>,
      "what dataset() returns needs `size() const` and `slice(taskrun::ItemRange) const`");
  static_assert(maps || !MapsUnlessConst<J>,
                "map must be const: it runs on many threads at the same time");
  static_assert(can_emit || !EmitsUnlessConst<J>,
                "emit must be const: it runs on many threads at the same time");
  static_assert(
      maps || MapsUnlessConst<J> || !HasMap<J>,
      "map takes what slice() of the dataset returns, for a Range a Range, and after it a "
      "`taskrun::Context&` or nothing");
  static_assert(can_emit || EmitsUnlessConst<J> || !HasEmit<J>,
                "emit takes what slice() of the dataset returns, a `taskrun::Output&`, and after "
                "them a `taskrun::Context&` or nothing");
  static_assert(maps || can_emit || HasMap<J> || HasEmit<J>,
                "a job has `map(part) const` and `reduce(left, right) const`, or `emit(part, out) "
                "const`, public");
  static_assert(!maps || Reduces<J, Result>,
                "a job that maps has `reduce(left, right) const`, which takes two results of map "
                "and returns one");
  static_assert(!maps || Prints<J, Result>,
                "a job that maps has `print(result, out) const`, which takes a result of map and a "
                "std::ostream&");
  static_assert(
      !(maps && can_emit) ||
          requires(const J& job) {
            { job.emits() } -> std::convertible_to<bool>;
          },
      "a job with both map and emit has `bool emits() const`, which says what this run does");
};

}  // namespace detail

/// Chunks for a job that does not say how large its chunks should be: enough for thousands of
/// slots, few enough to cost nothing.
inline constexpr std::uint64_t default_chunk_count = 8192;
/// … and for one that emits, chunks of at most so many items: a chunk's text is held in memory
/// whole, and the first must come soon.
inline constexpr std::uint64_t default_emitting_chunk_size = 65536;

template <class J>
class TypedJob final : public Job {
  using D = detail::DatasetOf<J>;
  using Result = typename detail::ResultOf<J>::type;
  static constexpr bool maps = detail::Maps<J>;
  static constexpr bool can_emit = detail::Emits<J>;
  static constexpr detail::JobRules<J> rules{};

 public:
  void declare(Params& params) override { job_.params(params); }

  void check() const override {
    if constexpr (requires { job_.check(); }) job_.check();
  }

  bool emits() const override {
    if constexpr (maps && can_emit) {
      return job_.emits();
    } else {
      return can_emit;
    }
  }

  bool io_bound() const override {
    return says([](const auto& job) -> decltype(job.io_bound()) { return job.io_bound(); });
  }

  std::uint64_t slot_descriptors() const override {
    if constexpr (requires { job_.slot_descriptors(); }) return job_.slot_descriptors();
    return 0;
  }

  bool needs_isolation() const override {
    return says(
        [](const auto& job) -> decltype(job.needs_isolation()) { return job.needs_isolation(); });
  }

  bool has_effects() const override {
    return says([](const auto& job) -> decltype(job.has_effects()) { return job.has_effects(); });
  }

  bool keeps_limits() const override {
    return says([](const auto& job) -> decltype(job.keeps_limits()) { return job.keeps_limits(); });
  }

  bool unordered() const override {
    return says([](const auto& job) -> decltype(job.unordered()) { return job.unordered(); });
  }

  std::string details_path() const override {
    if constexpr (requires { job_.details_path(); }) return job_.details_path();
    return {};
  }

  void begin([[maybe_unused]] bool goes_on) override {
    if constexpr (requires { job_.begin(goes_on); }) job_.begin(goes_on);
  }

  DatasetSize open() override {
    dataset_.emplace(job_.dataset());
    if constexpr (OpenEndedDataset<D>) {
      if (dataset_->is_open_ended()) {
        if (emits() && wants_single_items()) return {0, 0, true};
        dataset_->read_whole();
      }
    }
    const std::uint64_t items = dataset_->size();
    if constexpr (requires { job_.chunk_size(); }) {
      const std::uint64_t size = job_.chunk_size();
      TASKRUN_EXPECT(size > 0);
      return {items, divided_up(items, size)};
    } else if constexpr (requires { dataset_->chunk_size(); }) {
      return {items, divided_up(items, dataset_->chunk_size())};
    }
    // Each waits alone, is tried again alone, and is named alone when it fails.
    if (io_bound()) return {items, items};
    const std::uint64_t few = std::min(items, default_chunk_count);
    return {items, emits() ? std::max(few, divided_up(items, default_emitting_chunk_size)) : few};
  }

  std::vector<InputFile> inputs() const override {
    if constexpr (requires(const D& d) { d.inputs(); }) {
      const auto all = dataset_->inputs();
      return {all.begin(), all.end()};
    }
    return {};
  }

  std::unique_ptr<InputReading> read_input([[maybe_unused]] Wakeup& wakeup,
                                           [[maybe_unused]] const InputState& seen) override {
    if constexpr (OpenEndedDataset<D>) return dataset_->read(wakeup, seen);
    TASKRUN_EXPECT(!"an open-ended dataset");
    return nullptr;
  }

  void release([[maybe_unused]] ItemRange items) const override {
    if constexpr (OpenEndedDataset<D>) dataset_->release(items);
  }

  void join() override {
    if constexpr (!ShippedDataset<D>) dataset_.emplace(job_.dataset());
  }

  bool ships() const override { return ShippedDataset<D>; }

  void ship([[maybe_unused]] ItemRange items, [[maybe_unused]] Bytes& out) const override {
    if constexpr (ShippedDataset<D>) dataset_->ship(items, out);
  }

  Partial map(ItemRange items, [[maybe_unused]] ByteView shipped, Context& context) const override {
    if constexpr (ShippedDataset<D>) {
      if (!dataset_ || !shipped.empty()) return map_part(D::receive(shipped), context);
    }
    return map_part(dataset_->slice(items), context);
  }

  Partial reduce(Partial left, Partial right) const override {
    if constexpr (maps) {
      return job_.reduce(std::any_cast<Result&&>(std::move(left)),
                         std::any_cast<Result&&>(std::move(right)));
    } else {
      TASKRUN_EXPECT(!"a job that emits does not reduce");
      return {};
    }
  }

  Partial nothing() const override {
    if constexpr (requires { job_.identity(); }) {
      return Result(job_.identity());
    } else {
      return Result{};
    }
  }

  void encode(const Partial& partial, Bytes& out) const override {
    taskrun::encode(std::any_cast<const Result&>(partial), out);
  }
  Partial decode(ByteView in) const override { return taskrun::decode<Result>(in); }

  void print([[maybe_unused]] const Partial& result,
             [[maybe_unused]] std::ostream& out) const override {
    if constexpr (maps) job_.print(std::any_cast<const Result&>(result), out);
  }

  nlohmann::json json(const Partial& result) const override {
    if constexpr (requires(const Result& r) { job_.json(r); }) {
      return job_.json(std::any_cast<const Result&>(result));
    } else {
      std::ostringstream text;
      print(result, text);
      return text.str();
    }
  }

  std::string failure([[maybe_unused]] const Partial& result) const override {
    if constexpr (requires(const Result& r) { job_.failure(r); }) {
      return job_.failure(std::any_cast<const Result&>(result));
    }
    return "";
  }

 private:
  // What the job says of itself; false where it has no such member.
  template <class Ask>
  bool says(Ask ask) const {
    if constexpr (std::is_invocable_v<Ask, const J&>) {
      return ask(job_);
    } else {
      return false;
    }
  }

  bool wants_single_items() const {
    if constexpr (requires { job_.chunk_size(); }) return job_.chunk_size() == 1;
    return true;
  }

  template <class Part>
  Partial map_part(Part&& part, Context& context) const {
    if constexpr (can_emit) {
      if (emits()) {
        std::string text;
        Output output(text);
        try {
          detail::call_emit(job_, std::forward<Part>(part), output, context);
        } catch (ChunkFailed& failed) {
          failed.text = std::move(text);
          throw;
        }
        return text;
      }
    }
    if constexpr (maps) {
      return Partial(Result(detail::call_map(job_, std::forward<Part>(part), context)));
    } else {
      return {};
    }
  }

  J job_;
  std::optional<D> dataset_;
};

}  // namespace taskrun
