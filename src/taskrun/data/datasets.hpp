// SPDX-License-Identifier: MIT
// Datasets: what a job partitions. A dataset has size() items and slice(items), the part for a
// range of them, which is what map gets. Two kinds:
//  - a dataset every rank can make for itself from the parameters, such as Range;
//  - one that only the coordinator has, such as Items: it also has ship(items, out), which writes a
//    slice as bytes, and a static receive(bytes), which makes the slice again on a worker.
//
// Either may have more, for an end that nobody knows yet: see open_input.hpp, and lines.hpp for
// one.
//
// One that reads files may have inputs(), which names them (their paths, or InputFile): a run that
// is resumed from a journal is refused when they have changed.
#pragma once

#include <concepts>
#include <cstdint>
#include <vector>

#include "taskrun/core/bytes.hpp"
#include "taskrun/core/contract.hpp"
#include "taskrun/core/range.hpp"
#include "taskrun/data/payload.hpp"

namespace taskrun {

/// The whole numbers [begin, end).
class Range {
 public:
  Range(std::uint64_t begin, std::uint64_t end) : begin_(begin), end_(end) {
    TASKRUN_EXPECT(begin <= end);
  }

  std::uint64_t size() const { return end_ - begin_; }
  Range slice(ItemRange items) const { return {begin_ + items.begin, begin_ + items.end}; }

  /// The first number, and one past the last.
  std::uint64_t first() const { return begin_; }
  std::uint64_t past() const { return end_; }

 private:
  std::uint64_t begin_;
  std::uint64_t end_;
};

/// Values that only the coordinator has. Each is serialized once, when it is first shipped,
/// however often its chunk is leased; workers get the slices they compute and no more.
template <class T>
class Items {
 public:
  explicit Items(std::vector<T> values) : values_(std::move(values)) {}

  std::uint64_t size() const { return values_.size(); }
  std::span<const T> slice(ItemRange items) const {
    return std::span(values_).subspan(items.begin, items.size());
  }

  void ship(ItemRange items, Bytes& out) const {
    if (border_.empty()) serialize();
    ByteWriter(out).put_bytes(ByteView(encoded_).subspan(
        border_[items.begin], border_[items.end] - border_[items.begin]));
  }
  static std::vector<T> receive(ByteView bytes) {
    std::vector<T> values;
    ByteReader in(bytes);
    while (!in.at_end()) values.push_back(decode<T>(in.take_sized()));
    return values;
  }

 private:
  void serialize() const {
    border_.reserve(values_.size() + 1);
    border_.push_back(0);
    Bytes one;
    for (const T& value : values_) {
      one.clear();
      encode(value, one);
      ByteWriter(encoded_).put_sized(one);
      border_.push_back(encoded_.size());
    }
  }

  std::vector<T> values_;
  // Made by the coordinator's one thread on the first ship().
  mutable Bytes encoded_;
  mutable std::vector<std::size_t> border_;  // item i lies at [border_[i], border_[i + 1])
};

template <class D>
concept Dataset = requires(const D& d, ItemRange items) {
  { d.size() } -> std::convertible_to<std::uint64_t>;
  d.slice(items);
};

template <class D>
concept ShippedDataset = Dataset<D> && requires(const D& d, ItemRange items, Bytes& out) {
  d.ship(items, out);
  D::receive(ByteView{});
};

}  // namespace taskrun
