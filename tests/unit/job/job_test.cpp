// SPDX-License-Identifier: MIT
// Parameters, payloads, datasets, and what TypedJob makes of an author's class.
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <sstream>

#include "taskrun/core/error.hpp"
#include "taskrun/job/registry.hpp"
#include "test_jobs.hpp"

namespace taskrun::testing {
namespace {

TEST(ParamsTest, a_value_out_of_range_names_option_value_and_range) {
  std::uint64_t limit = 5;
  Params params;
  params.count("limit", limit, "up to here", 1, 100);
  params.all().front().parse("1e2");
  EXPECT_EQ(limit, 100U);
  try {
    params.all().front().parse("1e3");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    const std::string text = error.what();
    EXPECT_NE(text.find("--limit"), std::string::npos);
    EXPECT_NE(text.find("1e3"), std::string::npos);
    EXPECT_NE(text.find("1 to 100"), std::string::npos);
  }
}

TEST(ParamsTest, the_canonical_text_is_equal_just_for_equal_values) {
  std::string a = "x";
  std::string b = "y z=1";
  Params params;
  params.text("a", a, "");
  params.text("b", b, "");
  const std::string before = params.canonical();
  a = "x b=5:y";
  b = "z=1";
  EXPECT_NE(params.canonical(), before);
}

TEST(ParamsTest, however_a_number_is_written_its_canonical_text_is_the_same) {
  std::uint64_t n = 0;
  Params params;
  params.count("n", n, "");
  params.all().front().parse("1e6");
  const std::string written_short = params.canonical();
  params.all().front().parse("1000000");
  EXPECT_EQ(params.canonical(), written_short);
}

template <class T>
T there_and_back(const T& value) {
  Bytes bytes;
  encode(value, bytes);
  return decode<T>(bytes);
}

TEST(PayloadTest, values_come_back_as_they_were) {
  EXPECT_EQ(there_and_back<std::uint64_t>(UINT64_MAX), UINT64_MAX);
  EXPECT_EQ(there_and_back(-0.0), -0.0);
  EXPECT_EQ(there_and_back<std::string>("a\0b"), "a");
  const std::map<std::string, std::vector<int>> map{{"one", {1}}, {"none", {}}};
  EXPECT_EQ(there_and_back(map), map);
  const uint128 wide = (uint128{1} << 100) + 7;
  EXPECT_TRUE(there_and_back(wide) == wide);
}

TEST(PayloadTest, a_number_of_the_wrong_length_is_refused) {
  const Bytes bytes(7);
  EXPECT_THROW(decode<std::uint64_t>(bytes), CorruptData);
}

TEST(PayloadTest, a_text_cut_short_is_refused) {
  Bytes bytes;
  encode(std::string(100, 'x'), bytes);
  bytes.resize(50);
  EXPECT_THROW(decode<std::string>(bytes), CorruptData);
  // A length is no proof of what follows.
  bytes.clear();
  ByteWriter(bytes).put(std::uint64_t{8} << 30);
  EXPECT_THROW(decode<std::string>(bytes), CorruptData);
  EXPECT_THROW(decode<std::vector<double>>(bytes), CorruptData);
  EXPECT_THROW((decode<std::map<std::string, int>>(bytes)), CorruptData);
}

TEST(PayloadTest, a_truth_value_that_is_none_is_refused) {
  using Pair = std::pair<bool, std::string>;
  Bytes whole;
  encode(Pair(true, "x"), whole);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes changed = whole;
    changed[at] = std::byte{2};
    try {
      const Pair pair = decode<Pair>(changed);
      EXPECT_TRUE(pair.first);
    } catch (const CorruptData&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0U);
}

TEST(ItemsTest, a_shipped_slice_arrives_as_it_was) {
  const Items<std::string> items({"a", "", "ccc", "dd"});
  Bytes bytes;
  items.ship({1, 4}, bytes);
  EXPECT_EQ(Items<std::string>::receive(bytes), (std::vector<std::string>{"", "ccc", "dd"}));
}

struct Counted {
  int value = 0;
  template <class Archive>
  void serialize(Archive& archive, unsigned) {
    archive& value;
    ++serializations();
  }
  static int& serializations() {
    static int count = 0;
    return count;
  }
};

TEST(ItemsTest, an_item_is_serialized_once_however_often_it_is_shipped) {
  const Items<Counted> items(std::vector<Counted>(5));
  Counted::serializations() = 0;
  for (int i = 0; i < 3; ++i) {
    Bytes bytes;
    items.ship({0, 5}, bytes);
  }
  EXPECT_EQ(Counted::serializations(), 5);
}

struct Words {
  void params(Params&) {}
  Items<std::string> dataset() const { return Items<std::string>({"x", "yy", "zzz"}); }
  std::size_t map(std::span<const std::string> part) const {
    std::size_t letters = 0;
    for (const auto& word : part) letters += word.size();
    return letters;
  }
  std::size_t reduce(std::size_t left, std::size_t right) const { return left + right; }
  void print(std::size_t letters, std::ostream& out) const { out << letters; }
};

TEST(TypedJobTest, a_worker_computes_shipped_slices_without_the_dataset) {
  TypedJob<Words> coordinator;
  TypedJob<Words> worker;
  EXPECT_EQ(coordinator.open().item_count, 3U);
  worker.join();
  ASSERT_TRUE(worker.ships());
  Bytes slice;
  coordinator.ship({1, 3}, slice);
  const std::atomic<bool> stop = false;
  Context context(0, 1, stop);
  EXPECT_EQ(std::any_cast<std::size_t>(worker.map({1, 3}, slice, context)), 5U);
  EXPECT_EQ(std::any_cast<std::size_t>(coordinator.map({1, 3}, {}, context)), 5U);
}

TEST(TypedJobTest, a_job_without_json_tells_its_text) {
  TypedJob<Words> job;
  EXPECT_EQ(job.json(Partial(std::size_t{6})), "6");
}

struct Sized : Words {
  std::uint64_t chunk_size() const { return 2; }
};

TEST(TypedJobTest, the_job_says_how_large_its_chunks_are) {
  EXPECT_EQ(TypedJob<Words>().open().chunk_count, 3U);
  EXPECT_EQ(TypedJob<Sized>().open().chunk_count, 2U);
}

TEST(TypedJobTest, chunks_of_a_job_that_emits_stay_small) {
  const auto job = make_job<NumberedLines>(1'000'000'000'000);
  const DatasetSize size = job->open();
  EXPECT_LE(size.item_count / size.chunk_count, 65536U);
}

TEST(TypedJobTest, what_reduces_does_not_emit) {
  EXPECT_FALSE(TypedJob<Concatenation>().emits());
  EXPECT_TRUE(TypedJob<NumberedLines>().emits());
}

TASKRUN_JOB(words, "count letters", Words)

TEST(RegistryTest, a_registered_job_is_found_by_its_name) {
  Registry registry;
  register_job_words(registry);
  ASSERT_NE(registry.find("words"), nullptr);
  EXPECT_EQ(registry.find("words")->help, "count letters");
  EXPECT_EQ(registry.find("word"), nullptr);
}

// Sets the one parameter that is declared, and returns its value; what is wrong with it otherwise.
template <class Declare>
std::string parsed(const std::string& text, Declare declare) {
  Params params;
  declare(params);
  try {
    params.all().front().parse(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    return error.what();
  }
  return params.all().front().value();
}

TEST(ParamsTest, counts_are_a_list_with_commas) {
  std::vector<std::uint64_t> member{7};
  const auto declare = [&](Params& p) { p.counts("limits", member, "several", 1, 1'000'000); };
  EXPECT_EQ(parsed("5", declare), "5");
  EXPECT_EQ(parsed("1e3,2k,1", declare), "1000,2000,1");
  EXPECT_EQ(member, (std::vector<std::uint64_t>{1000, 2000, 1}));
  for (const char* wrong : {"", ",", "1,", ",1", "1,,2", "0", "1;2", "1, 2", "1e7"}) {
    EXPECT_NE(parsed(wrong, declare).find("expected whole numbers from 1 to 1000000"),
              std::string::npos)
        << wrong;
  }
}

TEST(ParamsTest, a_duration_is_shown_in_its_largest_unit) {
  Duration member = std::chrono::milliseconds(1500);
  const auto declare = [&](Params& p) {
    p.duration("delay", member, "how long", {}, std::chrono::hours(1));
  };
  EXPECT_EQ(parsed("90s", declare), "90s");
  EXPECT_EQ(parsed("120s", declare), "2min");
  EXPECT_EQ(parsed("0.1", declare), "100ms");
  EXPECT_EQ(parsed("0", declare), "0s");
  EXPECT_NE(parsed("61min", declare).find("expected a time from 0s to 1h, such as 100ms or 90s"),
            std::string::npos);
  const auto long_ones = [&](Params& p) {
    p.duration("limit", member, "how long", std::chrono::minutes(2), std::chrono::hours(24));
  };
  EXPECT_TRUE(parsed("1min", long_ones).ends_with("from 2min to 24h, such as 1h30m"));
  EXPECT_NE(parsed("-1s", declare).find("--delay -1s"), std::string::npos);
}

TEST(ParamsTest, a_default_and_a_range_are_shown_in_large_units) {
  std::uint64_t most = 64 << 20;
  std::uint64_t block = 10'000'000;
  std::uint64_t odd = 1001;
  Duration limit{};
  Params params;
  params.byte_count("most", most, "a limit");
  params.byte_count("block", block, "a size");
  params.byte_count("odd", odd, "another size");
  params.duration("limit", limit, "a time");
  EXPECT_EQ(params.all()[0].default_value, "64MiB");
  EXPECT_EQ(params.all()[1].default_value, "10MB");
  EXPECT_EQ(params.all()[2].default_value, "1001B");
  EXPECT_EQ(params.all()[3].range, "0s to 366d");
  // What tells two runs apart stays exact.
  EXPECT_EQ(params.all()[0].value(), "67108864");
}

TEST(ParamsTest, a_choice_is_one_of_its_words) {
  std::string member = "threads";
  const auto declare = [&](Params& p) { p.choice("engine", member, "how", {"threads", "async"}); };
  EXPECT_EQ(parsed("async", declare), "async");
  EXPECT_NE(parsed("fast", declare).find("expected one of threads, async"), std::string::npos);
}

TEST(ParamsTest, a_path_that_is_given_is_not_empty) {
  std::string member;
  const auto declare = [&](Params& p) { p.path("results", member, "a folder"); };
  EXPECT_EQ(parsed("there", declare), "there");
  EXPECT_EQ(parsed("", declare), "--results needs a name: the one given is empty");
}

TEST(ParamsTest, a_size_may_have_a_unit) {
  std::uint64_t member = 5;
  const auto declare = [&](Params& p) { p.byte_count("block", member, "how much", 1); };
  EXPECT_EQ(parsed("64KiB", declare), "65536");
  EXPECT_NE(parsed("0", declare).find("expected a size from 1 to 2^64-1"), std::string::npos);
}

}  // namespace
}  // namespace taskrun::testing
