// SPDX-License-Identifier: MIT
// The exact product of a random sample of distinct numbers: big numbers, multiplied as a balanced
// tree, which is what makes it fast. The sample is a permutation of which each chunk computes its
// own part.
#include <gmpxx.h>

#include <algorithm>
#include <boost/serialization/split_member.hpp>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "product/permutation.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/job/registry.hpp"

namespace {

struct Product {
  mpz_class value = 1;

  template <class Archive>
  void save(Archive& archive, unsigned) const {
    std::string bytes((mpz_sizeinbase(value.get_mpz_t(), 2) + 7) / 8, '\0');
    mpz_export(bytes.data(), nullptr, 1, 1, 0, 0, value.get_mpz_t());
    archive << bytes;
  }
  template <class Archive>
  void load(Archive& archive, unsigned) {
    std::string bytes;
    archive >> bytes;
    mpz_import(value.get_mpz_t(), bytes.size(), 1, 1, 0, 0, bytes.data());
  }
  BOOST_SERIALIZATION_SPLIT_MEMBER()
};

class ProductOfSample {
 public:
  void params(taskrun::Params& params) {
    params.count("count", count_, "how many numbers to draw", 1, 1'000'000'000);
    params.count("below", below_, "they are drawn from 1 to below this, each at most once", 2);
    params.count("seed", seed_, "random seed");
    params.flag("digits", digits_, "write all digits of the product");
    params.example("--count 50000 --below 1e6", "a number of some 280,000 digits");
  }

  void check() const {
    if (count_ <= below_ - 1) return;
    throw taskrun::usage_error("--count " + std::to_string(count_) +
                               " is more than the numbers below --below " + std::to_string(below_) +
                               ": each is drawn at most once");
  }

  taskrun::Range dataset() const { return {0, count_}; }

  // Enough that a product is a few kB and is not worth less than its message.
  std::uint64_t chunk_size() const { return 1024; }

  Product map(taskrun::Range part) const {
    return {product(taskrun::Permutation(below_ - 1, seed_), part.first(), part.past())};
  }
  Product reduce(const Product& left, const Product& right) const {
    return {left.value * right.value};
  }

  void print(const Product& product, std::ostream& out) const {
    const std::string digits = product.value.get_str();
    if (digits_) {
      out << digits << '\n';
      return;
    }
    const Ends told = ends(digits);
    out << "product of " << count_ << " numbers below " << below_ << ": " << digits.size()
        << " digits, " << told.leading << "..." << told.trailing << " and " << told.zero_count
        << " zeros, modulo 2^61-1 " << checksum(product) << '\n';
  }

  nlohmann::json json(const Product& product) const {
    const std::string digits = product.value.get_str();
    const Ends told = ends(digits);
    nlohmann::json all = {{"count", count_},
                          {"below", below_},
                          {"seed", seed_},
                          {"digit_count", digits.size()},
                          {"leading_digits", told.leading},
                          {"trailing_digits", told.trailing},
                          {"trailing_zero_count", told.zero_count},
                          {"modulo_2_61_minus_1", std::to_string(checksum(product))}};
    if (digits_) all["digits"] = digits;
    return all;
  }

 private:
  // Halves of about the same length: that is what multiplication is good at.
  static mpz_class product(const taskrun::Permutation& sample, std::uint64_t begin,
                           std::uint64_t end) {
    if (end - begin == 1) return mpz_class(static_cast<unsigned long>(sample.at(begin) + 1));
    const std::uint64_t middle = begin + (end - begin) / 2;
    return product(sample, begin, middle) * product(sample, middle, end);
  }

  // What is told of the digits: the first and the last ones, and the zeros that follow them, of
  // which such a product has many.
  struct Ends {
    std::string leading;
    std::string trailing;
    std::size_t zero_count;
  };
  static Ends ends(const std::string& digits) {
    const std::size_t zeros = digits.size() - digits.find_last_not_of('0') - 1;
    const std::size_t size = digits.size() - zeros;
    const std::size_t shown = std::min<std::size_t>(size, 20);
    return {digits.substr(0, shown), digits.substr(size - shown, shown), zeros};
  }
  // Easy to check otherwise: the same as multiplying one by one modulo this prime.
  static std::uint64_t checksum(const Product& product) {
    return mpz_fdiv_ui(product.value.get_mpz_t(), (1UL << 61) - 1);
  }

  std::uint64_t count_ = 50'000;
  std::uint64_t below_ = 1'000'000;
  std::uint64_t seed_ = 1;
  bool digits_ = false;
};

}  // namespace

TASKRUN_JOB(product, "multiply a random sample of distinct numbers, exactly", ProductOfSample)
