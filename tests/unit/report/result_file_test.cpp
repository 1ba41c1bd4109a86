// SPDX-License-Identifier: MIT
#include "taskrun/report/result_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

namespace fs = std::filesystem;

class ResultFileTest : public ::testing::Test {
 protected:
  ResultFileTest() {
    std::string name = (fs::temp_directory_path() / "result_file.XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~ResultFileTest() override { fs::remove_all(folder_); }

  std::string content(const char* name) const {
    std::ifstream in(folder_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t file_count() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }

  fs::path folder_;
};

TEST_F(ResultFileTest, looking_leaves_nothing_behind) {
  const ResultFile file(folder_ / "new");
  EXPECT_EQ(file_count(), 0U);
}

TEST_F(ResultFileTest, writing_replaces_what_was_there_and_leaves_one_file) {
  std::ofstream(folder_ / "old") << "something longer than what follows";
  const ResultFile file(folder_ / "old");
  file.write("new");
  EXPECT_EQ(content("old"), "new");
  EXPECT_EQ(file_count(), 1U);
}

TEST_F(ResultFileTest, a_link_stays_a_link) {
  std::ofstream(folder_ / "target") << "old";
  fs::create_symlink("target", folder_ / "link");
  ResultFile(folder_ / "link").write("new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(content("target"), "new");
}

TEST_F(ResultFileTest, a_folder_that_is_not_there_is_an_environment_error_that_names_the_path) {
  try {
    const ResultFile file(folder_ / "no" / "file");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::environment);
    EXPECT_NE(std::string(error.what()).find("no/file"), std::string::npos);
  }
}

TEST_F(ResultFileTest, a_folder_is_no_file) { EXPECT_THROW(ResultFile{folder_}, Error); }

TEST_F(ResultFileTest, a_full_device_is_an_error) {
  const ResultFile file("/dev/full");
  EXPECT_THROW(file.write("text"), Error);
}

}  // namespace
}  // namespace taskrun
