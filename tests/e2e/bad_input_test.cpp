// SPDX-License-Identifier: MIT
// Everything a user can get wrong ends every rank, with one line and the right code.
#include "program_runs.hpp"

namespace taskrun::testing {
namespace {

struct BadInput {
  const char* name;
  Words words;
  int exit_code;
  const char* said;
};

void PrintTo(const BadInput& bad, std::ostream* out) { *out << bad.name; }

const BadInput bad_inputs[] = {
    {"no_job", {}, 2, "missing job name"},
    {"unknown_job", {"float_sun"}, 2, "did you mean 'float_sum'?"},
    {"unknown_option", {"float_sum", "--itmes", "5"}, 2, "did you mean '--items'?"},
    {"unknown_schedule", {"float_sum", "--schedule", "dinamic"}, 2, "did you mean 'dynamic'?"},
    {"words_for_a_number", {"float_sum", "--items", "abc"}, 2, "--items abc: expected"},
    {"negative_number", {"float_sum", "--items", "-5"}, 2, "--items -5: expected"},
    {"number_too_large", {"float_sum", "--items", "1e30"}, 2, "--items 1e30: expected"},
    {"no_threads", {"float_sum", "--threads", "0"}, 2, "--threads 0: expected"},
    {"threads_that_wait", {"meeting", "--threads", "4"}, 2, "give --io-threads"},
    {"threads_that_compute", {"float_sum", "--io-threads", "4"}, 2, "give --threads"},
    {"no_timeout", {"mishaps", "--timeout", "0"}, 2, "--timeout 0: expected a time from 1ms"},
    {"timeout_of_words", {"mishaps", "--timeout", "soon"}, 2, "--timeout soon: expected"},
    {"timeout_below_the_median", {"mishaps", "--timeout", "0.5x"}, 2, "--timeout 0.5x: expected"},
    {"little_memory", {"mishaps", "--memory", "1k"}, 2, "--memory 1k: expected a size from 16MiB"},
    {"only_chunk_of_words", {"mishaps", "--only-chunk", "x"}, 2, "--only-chunk x: expected"},
    {"only_chunk_zero", {"mishaps", "--only-chunk", "0"}, 2, "from 1"},
    {"only_chunk_not_there", {"mishaps", "--only-chunk", "21"}, 2, "this run has 20 chunks"},
    {"only_chunk_fails",
     {"mishaps", "--what", "throw", "--only-chunk", "6"},
     3,
     "chunk 6 (items 6 to 6): thrown"},
    {"value_missing", {"float_sum", "--items"}, 2, "--items needs a value"},
    {"given_twice", {"float_sum", "--items", "1", "--items", "2"}, 2, "given twice"},
    {"stray_argument", {"float_sum", "7"}, 2, "unexpected argument '7'"},
    {"more_chunks_than_items", {"float_sum", "--items", "9", "--chunks", "10"}, 2, "at most 9"},
    {"json_nowhere", {"float_sum", "--json", "/no/such/file"}, 4, "/no/such/file"},
    {"json_device_full", {"float_sum", "-q", "--json", "/dev/full"}, 4, "No space left"},
};

class BadInputTest : public ::testing::TestWithParam<std::tuple<BadInput, int>> {};

TEST_P(BadInputTest, ends_every_rank_with_one_line) {
  const auto& [bad, ranks] = GetParam();
  expect_refused(run_program(ranks, bad.words), bad.exit_code, bad.said);
}

std::string test_name(const ::testing::TestParamInfo<BadInputTest::ParamType>& info) {
  const int ranks = std::get<1>(info.param);
  return std::get<0>(info.param).name + (ranks == 0 ? "" : "_mpi_" + std::to_string(ranks));
}

INSTANTIATE_TEST_SUITE_P(local, BadInputTest,
                         ::testing::Combine(::testing::ValuesIn(bad_inputs), ::testing::Values(0)),
                         test_name);
#ifdef WITH_MPI
INSTANTIATE_TEST_SUITE_P(mpi, BadInputTest,
                         ::testing::Combine(::testing::ValuesIn(bad_inputs), ::testing::Values(3)),
                         test_name);
#endif

// Stdout that takes nothing: for a result and for lines.
class BadStdoutTest : public ::testing::TestWithParam<std::tuple<Words, int>> {
 protected:
  static Ended run_with(Command::Out out) {
    const auto& [words, ranks] = GetParam();
    Command c = command(ranks, test_program, words);
    c.out = out;
    c.out_path = "/dev/full";
    return run(c);
  }
};

TEST_P(BadStdoutTest, closed) {
  expect_refused(run_with(Command::Out::closed), 4, "stdout is closed");
}

TEST_P(BadStdoutTest, full) {
  expect_refused(run_with(Command::Out::file), 4, "cannot write to stdout: No space left");
}

const Words outputs[] = {{"float_sum", "-q"}, {"lines", "-q", "--items", "1e6"}};

INSTANTIATE_TEST_SUITE_P(local, BadStdoutTest,
                         ::testing::Combine(::testing::ValuesIn(outputs), ::testing::Values(0)));
#ifdef WITH_MPI
INSTANTIATE_TEST_SUITE_P(mpi, BadStdoutTest,
                         ::testing::Combine(::testing::ValuesIn(outputs), ::testing::Values(3)));
#endif

TEST(BadStdoutTest_list, closed) {
  Command c = command(0, test_program, {"list"});
  c.out = Command::Out::closed;
  expect_refused(run(c), 4, "stdout is closed");
}

}  // namespace
}  // namespace taskrun::testing
