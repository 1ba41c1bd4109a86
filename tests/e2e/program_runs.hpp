// SPDX-License-Identifier: MIT
// The programs under test, and how they are started: alone, or by mpirun.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "subprocess.hpp"

namespace taskrun::testing {

using Words = std::vector<std::string>;

inline const std::string test_program = TEST_PROGRAM;

// For tests of which each is run with so many ranks; 0: without a launcher.
#ifdef WITH_MPI
inline const std::vector<int> few_rank_counts{0, 3};
#else
inline const std::vector<int> few_rank_counts{0};
#endif

inline std::string ranks_name(const ::testing::TestParamInfo<int>& test) {
  return test.param == 0 ? "local" : "mpi_" + std::to_string(test.param);
}

/// Of a file.
inline std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// 0 ranks: without a launcher.
inline Command command(int ranks, const std::string& program, const Words& words) {
  Command command;
  if (ranks > 0) command.arguments = {MPIEXEC, "-np", std::to_string(ranks)};
  command.arguments.push_back(program);
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  return command;
}

inline Ended run_program(int ranks, const Words& words) {
  return run(command(ranks, test_program, words));
}

/// The lines of stderr that taskrun itself wrote, without warnings: mpirun adds words of its own.
inline Words lines_of_taskrun(const std::string& err) {
  Words lines;
  std::size_t begin = 0;
  while (begin < err.size()) {
    const auto end = std::min(err.find('\n', begin), err.size());
    const std::string line = err.substr(begin, end - begin);
    if (line.starts_with("taskrun: ") && !line.starts_with("taskrun: warning: ")) {
      lines.push_back(line);
    }
    begin = end + 1;
  }
  return lines;
}

/// Ended in time with this code, and with one line that contains `said`.
inline void expect_refused(const Ended& ended, int exit_code, const std::string& said) {
  EXPECT_FALSE(ended.timed_out);
  EXPECT_EQ(ended.exit_code, exit_code) << ended.err;
  const auto lines = lines_of_taskrun(ended.err);
  ASSERT_EQ(lines.size(), 1U) << ended.err;
  EXPECT_NE(lines[0].find(said), std::string::npos) << lines[0];
}

}  // namespace taskrun::testing
