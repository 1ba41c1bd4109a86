// SPDX-License-Identifier: MIT
// Powers of given numbers, with a wait before each as if it came from far away: shows what many
// items at a time do for a job that waits.
#include <gmpxx.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "shared/input_lines.hpp"
#include "shared/waiting.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/job/registry.hpp"

namespace {

class Powers {
 public:
  void params(taskrun::Params& params) {
    numbers_.declare(params, "NUMBER", "whole numbers of any size");
    params.counts("power", powers_, "the exponents", 0, 10'000);
    params.duration("delay", delay_, "how long to wait for each number");
    params.example("2 3 8 9", "squares and cubes");
    params.example("--delay 100ms --power 5 --file numbers.txt", "numbers that take their time");
  }

  void check() const { numbers_.check(require_number); }

  bool io_bound() const { return delay_ > taskrun::Duration::zero(); }

  taskrun::Lines dataset() const { return numbers_.lines(); }

  void emit(std::span<const taskrun::Line> part, taskrun::Output& out,
            const taskrun::Context& context) const {
    for (const auto& line : part) {
      numbers_.read(line, require_number);
      taskrun::wait(delay_, context);
      const mpz_class number(line.text, 10);
      out << number.get_str();
      for (const auto power : powers_) {
        mpz_class result;
        mpz_pow_ui(result.get_mpz_t(), number.get_mpz_t(), power);
        out << '\t' << result.get_str();
      }
      out << '\n';
    }
  }

 private:
  static void require_number(std::string_view text) {
    const auto digits = text.substr(text.starts_with('-') ? 1 : 0);
    if (!digits.empty() && digits.find_first_not_of("0123456789") == digits.npos) return;
    throw taskrun::usage_error(taskrun::shown(text) + " is not a whole number");
  }

  taskrun::GivenValues numbers_{"numbers"};
  std::vector<std::uint64_t> powers_{2, 3};
  taskrun::Duration delay_{};
};

}  // namespace

TASKRUN_JOB(powers, "raise given numbers to powers, waiting for each if asked", Powers)
