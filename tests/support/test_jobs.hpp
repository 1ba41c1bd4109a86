// SPDX-License-Identifier: MIT
// Jobs for tests: each sensitive to one promise.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "taskrun/job/typed_job.hpp"

namespace taskrun::testing {

/// A floating-point sum whose bits depend on the order and grouping of every addition.
struct FloatSum {
  std::uint64_t items = 1000;

  void params(Params& p) { p.count("items", items, "terms"); }
  Range dataset() const { return {0, items}; }
  double map(Range part) const {
    double sum = 0;
    for (std::uint64_t i = part.first(); i < part.past(); ++i) sum += term(i);
    return sum;
  }
  double reduce(double left, double right) const { return left + right; }
  void print(double result, std::ostream& out) const {
    out.precision(17);
    out << result << '\n';
  }

  /// Terms of very different size and sign.
  static double term(std::uint64_t i) {
    const double x = static_cast<double>(i * 2654435761U % 1000003);
    return std::ldexp(std::sin(x), static_cast<int>(i * 7 % 61) - 30);
  }
};

/// A concatenation: shows a chunk that is missing, doubled or in the wrong place.
struct Concatenation {
  std::uint64_t items = 100;

  void params(Params& p) { p.count("items", items, "numbers to concatenate"); }
  Range dataset() const { return {0, items}; }
  std::string map(Range part) const {
    std::string text;
    for (std::uint64_t i = part.first(); i < part.past(); ++i) text += std::to_string(i) + ",";
    return text;
  }
  std::string reduce(std::string left, std::string right) const { return std::move(left) + right; }
  void print(const std::string& result, std::ostream& out) const { out << result << '\n'; }
};

/// Emits its numbers, one a line: shows output that is lost, doubled, torn or out of order.
struct NumberedLines {
  std::uint64_t items = 100;
  std::uint64_t milliseconds = 0;

  void params(Params& p) {
    p.count("items", items, "lines to write");
    p.count("milliseconds", milliseconds, "that each chunk takes");
  }
  Range dataset() const { return {0, items}; }
  void emit(Range part, Output& out) const {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    for (std::uint64_t i = part.first(); i < part.past(); ++i) out << i << '\n';
  }
};

/// As Concatenation, but every fifth number fails at its first try and every eleventh always.
/// Needs a grid of one item a chunk.
struct Failing {
  std::uint64_t items = 100;

  void params(Params& p) { p.count("items", items, "numbers to concatenate"); }
  Range dataset() const { return {0, items}; }
  std::string map(Range part, Context& context) const {
    if (part.first() % 11 == 10) throw std::runtime_error("always");
    if (part.first() % 5 == 4 && context.attempt() == 1) throw std::runtime_error("once");
    return Concatenation().map(part);
  }
  std::string reduce(std::string left, std::string right) const { return std::move(left) + right; }
  void print(const std::string& result, std::ostream& out) const { out << result << '\n'; }
};

/// A J with `items` items, opened or not.
template <class J>
std::unique_ptr<Job> make_job(std::uint64_t items) {
  auto job = std::make_unique<TypedJob<J>>();
  Params params;
  job->declare(params);
  params.all().front().parse(std::to_string(items));
  return job;
}

}  // namespace taskrun::testing
