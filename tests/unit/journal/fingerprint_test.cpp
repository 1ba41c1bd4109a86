// SPDX-License-Identifier: MIT
#include "taskrun/journal/fingerprint.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "journal_runs.hpp"

namespace taskrun::testing {
namespace {

namespace fs = std::filesystem;

TEST(FingerprintTest, equal_runs_do_not_differ) {
  const Fingerprint run{{Fact::Kind::job, "job", "a"}, {Fact::Kind::param, "x", "1"}};
  EXPECT_EQ(differences(run, run), "");
}

TEST(FingerprintTest, masked_secrets_are_told_apart_by_a_digest_that_differs_each_time) {
  const auto run = [](const std::string& secret) {
    return Fingerprint{{Fact::Kind::param, "COMMAND", "a ***", "a " + secret}};
  };
  Fingerprint recorded = run("hunter2");
  add_secrets_digest(recorded);
  Fingerprint again = run("hunter2");
  add_secrets_digest(again);
  EXPECT_NE(recorded.back().value, again.back().value);
  EXPECT_TRUE(have_same_secrets(recorded, run("hunter2")));
  EXPECT_FALSE(have_same_secrets(recorded, run("hunter3")));
  EXPECT_FALSE(have_same_secrets(recorded, with_secrets(run("hunter2"))));
  EXPECT_FALSE(have_same_secrets({}, run("hunter2")));
  EXPECT_TRUE(have_same_secrets({}, with_secrets(run("hunter2"))));
  // A forged one could take any time.
  const Fingerprint forged{{Fact::Kind::secrets, "digest", "$y$jFT$abcd$abcd"}};
  EXPECT_THROW(have_same_secrets(forged, run("hunter2")), CorruptData);
}

TEST(FingerprintTest, of_another_job_only_its_name_is_told) {
  const Fingerprint a{{Fact::Kind::job, "job", "a"}, {Fact::Kind::param, "x", "1"}};
  const Fingerprint b{{Fact::Kind::job, "job", "b"}, {Fact::Kind::param, "y", "1"}};
  EXPECT_EQ(differences(a, b), "job was a, is b");
}

TEST(FingerprintTest, each_difference_is_named_with_both_values) {
  const Fingerprint then{{Fact::Kind::job, "job", "a"},
                         {Fact::Kind::param, "x", "1"},
                         {Fact::Kind::param, "gone", "2"},
                         {Fact::Kind::option, "retries", "9"}};
  const Fingerprint now{{Fact::Kind::job, "job", "a"},
                        {Fact::Kind::param, "x", "5"},
                        {Fact::Kind::param, "new", "3"}};
  EXPECT_EQ(differences(then, now),
            "parameter x was 1, is 5; parameter gone was 2, is not there; parameter new was not "
            "there, is 3");
}

class InputsTest : public ::testing::Test {
 protected:
  Fingerprint inputs(InputIdentity identity) const {
    Fingerprint facts;
    add_inputs(facts, {fs::path(path)}, identity);
    return facts;
  }
  void touch() const {
    fs::last_write_time(path, fs::last_write_time(path) + std::chrono::hours(1));
  }

  const ScratchFolder folder{ScratchFolder::On::memory};
  const std::string path = folder.file("input");
};

TEST_F(InputsTest, size_and_time_tell_files_apart) {
  put_file(path, "abc");
  const auto before = inputs(InputIdentity::size_and_time);
  EXPECT_EQ(differences(before, inputs(InputIdentity::size_and_time)), "");
  touch();
  const std::string text = differences(before, inputs(InputIdentity::size_and_time));
  EXPECT_TRUE(text.starts_with("input " + path + " was 3 bytes, changed at 20")) << text;
  EXPECT_NE(text.find(" UTC"), std::string::npos) << text;
}

TEST_F(InputsTest, content_tells_files_apart_whatever_their_time) {
  put_file(path, "abc");
  const auto before = inputs(InputIdentity::content);
  touch();
  EXPECT_EQ(differences(before, inputs(InputIdentity::content)), "");
  put_file(path, "abd");
  EXPECT_NE(differences(before, inputs(InputIdentity::content)), "");
}

TEST_F(InputsTest, all_of_a_large_file_counts) {
  std::string content(1'000'000, 'a');
  put_file(path, content);
  const auto before = inputs(InputIdentity::content);
  content[999'999] = 'b';
  put_file(path, content);
  EXPECT_NE(differences(before, inputs(InputIdentity::content)), "");
}

TEST_F(InputsTest, a_missing_file_is_told) {
  expect_error(ExitCode::usage, path + ": No such file",
               [this] { inputs(InputIdentity::size_and_time); });
}

TEST(StreamInputTest, what_came_otherwise_is_told_apart_by_its_content) {
  Fingerprint then;
  Fingerprint now;
  add_inputs(then, {InputFile("stdin", 1)}, InputIdentity::size_and_time);
  add_inputs(now, {InputFile("stdin", 2)}, InputIdentity::size_and_time);
  EXPECT_EQ(differences(then, then), "");
  EXPECT_EQ(differences(then, now),
            "input stdin was content 0000000000000001, is content 0000000000000002");
}

}  // namespace
}  // namespace taskrun::testing
