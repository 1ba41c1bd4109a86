// SPDX-License-Identifier: MIT
#include "sieve.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>
#include <primesieve.hpp>
#include <span>
#include <string>
#include <string_view>

#include "taskrun/core/error.hpp"
#include "taskrun/job/exact.hpp"
#include "taskrun/job/registry.hpp"

namespace taskrun {
namespace {

// No prime of 64 bits is larger; libprimesieve's iterator must not be asked for the next one.
constexpr std::uint64_t largest_prime = 18'446'744'073'709'551'557U;

using Count = std::uint64_t (*)(std::uint64_t first, std::uint64_t last);
struct Tuplet {
  std::string_view name;
  Count count;
};
// Tuplets of k primes that lie as close together as k large primes can, at index k - 1: primes,
// then twins (p, p+2), triplets (p, p+2, p+6) and (p, p+4, p+6), and so on up to sextuplets.
constexpr std::array<Tuplet, 6> tuplets{{
    {"primes", primesieve::count_primes},
    {"twin primes", primesieve::count_twins},
    {"prime triplets", primesieve::count_triplets},
    {"prime quadruplets", primesieve::count_quadruplets},
    {"prime quintuplets", primesieve::count_quintuplets},
    {"prime sextuplets", primesieve::count_sextuplets},
}};

// The slots are the threads of this process: libprimesieve must not start its own inside each.
void keep_to_this_thread() {
  // Its setting is one plain number of the whole process: written once, by whoever comes first.
  [[maybe_unused]] static const bool once = (primesieve::set_num_threads(1), true);
}

// Does the work on the part with libprimesieve; its exceptions become ours.
template <class Work>
auto with_primesieve(Numbers part, Work work) {
  keep_to_this_thread();
  try {
    return work();
  } catch (const primesieve::primesieve_error& e) {
    throw environment_error("libprimesieve cannot sieve the numbers from " +
                            std::to_string(part.after + 1) + " to " + std::to_string(part.last) +
                            ": " + e.what());
  }
}

// Hands the primes of the part to take(std::span) in order, some hundred at a time, until the part
// ends or the result is no longer wanted.
template <class Take>
void visit_primes(Numbers part, const Context& context, Take take) {
  const std::uint64_t last = std::min(part.last, largest_prime);
  if (part.after >= last) return;
  primesieve::iterator primes(part.after + 1, last);
  while (!context.stop_requested()) {
    primes.generate_next_primes();
    const std::span<const std::uint64_t> batch(primes.primes_, primes.size_);
    const auto end = std::upper_bound(batch.begin(), batch.end(), last);
    take(batch.first(static_cast<std::size_t>(end - batch.begin())));
    if (end != batch.end() || batch.back() == last) return;
  }
}

std::uint64_t root(std::uint64_t n) {
  return static_cast<std::uint64_t>(std::sqrt(static_cast<double>(n)));
}

}  // namespace

void Sieve::params(Params& params) {
  params.count("limit", limit_, "the last number of the interval");
  params.count("from", from_, "the first number of the interval");
  params.count("tuplets", tuplets_,
               "count tuplets of N primes: 2 for twins, 3 for triplets, up to 6 for sextuplets", 1,
               tuplets.size());
  params.flag("sum", sum_, "add the primes up instead of counting them");
  params.flag("list", list_, "write the primes, one a line, in order, instead of counting them");
  params.example("--limit 1e9", "count the primes up to a billion");
  params.example("--from 1e12 --limit 1.001e12 --tuplets 2", "count the twins of an interval");
  params.example("--limit 1000 --list", "list the primes up to 1000");
}

void Sieve::check() const {
  if (from_ > limit_) {
    throw usage_error("--from " + std::to_string(from_) + " is above --limit " +
                      std::to_string(limit_) + ": give a first number that is not above the last");
  }
  if (sum_ && list_) throw usage_error("--sum and --list do not go together: give one of them");
  if (tuplets_ > 1 && (sum_ || list_)) {
    throw usage_error("--tuplets only counts: leave out --" + std::string(sum_ ? "sum" : "list"));
  }
}

Numbers Sieve::dataset() const {
  // Without 0 (see Numbers); an interval of 0 alone is empty.
  return {from_ == 0 ? 0 : from_ - 1, limit_};
}

std::uint64_t Sieve::chunk_size() const {
  // Before it sieves a chunk, libprimesieve finds the primes up to the root of its largest number.
  // That takes as long as sieving one (near 1e18) to five (1e15) times as many numbers of the
  // chunk: sizes are measured in roots.
  const std::uint64_t cost = root(limit_);
  if (list_) {
    // A chunk's text waits in memory for its turn: 4 roots make 2 MB near 1e12. Fewer than 2e6
    // numbers take less than a millisecond; 1e8 numbers make 45 MB near 2^64, the most there is.
    return std::clamp<std::uint64_t>(4 * cost, 2'000'000, 100'000'000);
  }
  // 200 roots lose less than 3 %, and more would take too long high up: near 1e18 they are 3
  // minutes. 3e8 numbers take 50 ms near 1e10. Below 1.29e8 libprimesieve does not prepare its
  // pre-sieve, and sieving takes a fifth longer.
  const std::uint64_t largest = std::max<std::uint64_t>(300'000'000, 200 * cost);
  // 4 roots lose a quarter to a half; 1e7 numbers take some milliseconds, and fewer are not worth a
  // lease.
  const std::uint64_t smallest = std::max<std::uint64_t>(10'000'000, 4 * cost);
  // Short intervals are cut in 16 between the two, for as many cores.
  return std::clamp(dataset().size() / 16, smallest, largest);
}

// The same part with borders that no tuplet straddles, so that each is in one part: that of its
// first prime.
Numbers Sieve::whole_tuplets(Numbers part) const {
  // Primes above 5 are 7, 11, 13, 17, 19, 23, 29 or 31 modulo 30, and from 31 to the next 37 the
  // gap is wider than any in a tuplet. So all tuplets lie between two numbers 30k + 1, and those
  // with 3 and 5 below 31.
  const auto moved = [this](std::uint64_t border) {
    // The ends of the whole interval are nobody's border.
    if (border == dataset().after) return border;
    const std::uint64_t up = (31 - border % 30) % 30;
    return limit_ - border < up ? limit_ : border + up;
  };
  return {moved(part.after), moved(part.last)};
}

uint128 Sieve::map(Numbers part, const Context& context) const {
  if (tuplets_ > 1) part = whole_tuplets(part);
  if (part.after >= part.last) return 0;
  return with_primesieve(part, [&]() -> uint128 {
    if (!sum_) return tuplets[tuplets_ - 1].count(part.after + 1, part.last);
    // Fewer than 2^64 primes, each below 2^64: their sum is below 2^128.
    uint128 sum = 0;
    visit_primes(part, context, [&](std::span<const std::uint64_t> primes) {
      for (const std::uint64_t prime : primes) sum += prime;
    });
    return sum;
  });
}

void Sieve::emit(Numbers part, Output& output, const Context& context) const {
  with_primesieve(part, [&] {
    visit_primes(part, context, [&](std::span<const std::uint64_t> primes) {
      // Formatted on the stack and appended together: twice as fast as one by one.
      constexpr std::size_t line_bytes = 21;  // 2^64 has 20 digits
      std::array<char, 256 * line_bytes> text;
      while (!primes.empty()) {
        const auto some = primes.first(std::min<std::size_t>(primes.size(), 256));
        char* end = text.data();
        for (const std::uint64_t prime : some) {
          end = std::to_chars(end, text.data() + text.size(), prime).ptr;
          *end++ = '\n';
        }
        output << std::string_view(text.data(), end);
        primes = primes.subspan(some.size());
      }
    });
  });
}

void Sieve::print(uint128 result, std::ostream& out) const {
  if (sum_) out << "sum of ";
  out << tuplets[tuplets_ - 1].name;
  if (from_ == 0) {
    out << " <= " << limit_;
  } else {
    out << " in [" << from_ << ", " << limit_ << ']';
  }
  out << ": " << decimal(result) << '\n';
}

nlohmann::json Sieve::json(uint128 result) const {
  nlohmann::json all = {{"from", exact(from_)}, {"limit", exact(limit_)}};
  if (tuplets_ > 1) all["tuplets"] = tuplets_;
  all[sum_ ? "sum" : "count"] = exact(result);
  return all;
}

}  // namespace taskrun

TASKRUN_JOB(sieve, "count, sum or list the primes of an interval", taskrun::Sieve)
