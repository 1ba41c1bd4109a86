// SPDX-License-Identifier: MIT
// Estimates pi by throwing darts at a square and counting those inside the circle. Dart i is made
// from the seed and i alone, so that every run throws the same ones.
#include <cmath>
#include <cstdint>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <ostream>

#include "pi/dart_lanes.hpp"
#include "taskrun/job/registry.hpp"

namespace {

class Pi {
 public:
  void params(taskrun::Params& params) {
    // The count of hits is exact in a double below 2^53.
    params.count("samples", samples_, "random points to draw", 1, std::uint64_t{1} << 53);
    params.count("seed", seed_, "random seed");
    params.example("--samples 1e9", "a billion points");
  }

  taskrun::Range dataset() const { return {0, samples_}; }

  // Some 10 ms; even, since darts are made in pairs.
  std::uint64_t chunk_size() const { return std::uint64_t{1} << 22; }

  std::uint64_t map(taskrun::Range part) const {
    return taskrun::count_hits(seed_, part.first(), part.past());
  }
  std::uint64_t reduce(std::uint64_t left, std::uint64_t right) const { return left + right; }

  void print(std::uint64_t hits, std::ostream& out) const {
    const Estimate pi = estimate(hits);
    out << std::fixed << std::setprecision(9) << "pi = " << pi.value << ", standard error "
        << pi.error << ", 95 % confidence from " << pi.low() << " to " << pi.high() << " ("
        << samples_ << " samples, seed " << seed_ << ")\n";
  }

  nlohmann::json json(std::uint64_t hits) const {
    const Estimate pi = estimate(hits);
    return {{"pi", pi.value},     {"standard_error", pi.error},
            {"low_95", pi.low()}, {"high_95", pi.high()},
            {"hits", hits},       {"samples", samples_},
            {"seed", seed_}};
  }

 private:
  struct Estimate {
    double value;
    double error;
    // A normal variable is within 1.96 standard errors 95 times in 100.
    double low() const { return value - 1.96 * error; }
    double high() const { return value + 1.96 * error; }
  };

  Estimate estimate(std::uint64_t hits) const {
    const double n = static_cast<double>(samples_);
    const double inside = static_cast<double>(hits) / n;
    return {4 * inside, 4 * std::sqrt(inside * (1 - inside) / n)};
  }

  std::uint64_t samples_ = 10'000'000;
  std::uint64_t seed_ = 1;
};

}  // namespace

TASKRUN_JOB(pi, "estimate pi from random samples, with its error", Pi)
