// SPDX-License-Identifier: MIT
// A disk that fails at any call: the run ends with one clear line, nothing is called durable that
// is not, and a run resumed on a disk in order finds all that was.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <new>
#include <set>

#include "faulty_disk.hpp"
#include "journal_runs.hpp"

namespace taskrun::testing {
namespace {

using On = DiskFault::On;
using How = DiskFault::How;

// A run records six times; the last piece merges the first four. A resumed run has chunks of its
// own.
constexpr std::uint64_t piece_count = 6;
RecordedPiece recorded_piece(JournalStart start, std::uint64_t i) {
  const std::uint64_t base = start == JournalStart::fresh ? 0 : 16;
  if (i + 1 == piece_count) return piece_of({base, base + 4});
  return piece_of({base + i, base + i + 1});
}

// What a run has been told, also of one that is killed.
struct Told {
  std::atomic<bool> begun = false;
  std::atomic<std::uint64_t> durable = 0;
};

void run_with_journal(const std::string& path, JournalStart start, Told& told) {
  Wakeup wakeup;
  SqliteJournal journal(journal_options(path, start), wakeup);
  journal.begin(hundred_chunks, {});
  told.begun = true;
  restored_from(journal);
  for (std::uint64_t i = 0; i < piece_count; ++i) {
    Records records;
    records.pieces.push_back(recorded_piece(start, i));
    journal.record(std::move(records));
    while (journal.durable_count() <= i) wakeup.wait_for(std::chrono::seconds(1));
    told.durable = i + 1;
  }
  journal.end({Verdict::complete, 0, ""});
}

using Chunks = std::set<std::uint64_t>;

// The chunks that so many calls of record() hold.
Chunks chunks_of(JournalStart start, std::uint64_t count) {
  Chunks chunks;
  for (std::uint64_t i = 0; i < count; ++i) {
    const ChunkRange range = recorded_piece(start, i).chunks;
    for (std::uint64_t c = range.begin; c < range.end; ++c) chunks.insert(c);
  }
  return chunks;
}

bool is_among(const Chunks& some, const Chunks& all) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

Chunks chunks_of(const Restored& restored) {
  Chunks chunks;
  for (const auto& [range, payload] : restored) {
    EXPECT_EQ(payload, payload_of({range.first, range.second}));
    for (std::uint64_t c = range.first; c < range.second; ++c) {
      EXPECT_TRUE(chunks.insert(c).second) << "chunk " << c << " came twice";
    }
  }
  return chunks;
}

// On a disk in order.
void expect_resumed(const std::string& path, const Told& told) {
  if (!told.begun) {
    // It may have begun all the same.
    try {
      EXPECT_EQ(resume_journal(path), Restored{});
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::usage) << error.what();
    }
    return;
  }
  const Chunks found = chunks_of(resume_journal(path));
  EXPECT_TRUE(is_among(chunks_of(JournalStart::fresh, told.durable), found));
  EXPECT_TRUE(is_among(found, chunks_of(JournalStart::fresh, piece_count)));
}

// And a run that resumed it, which was told this.
void expect_resumed(const std::string& path, const Told& told, const Told& again) {
  const Chunks found = chunks_of(resume_journal(path));
  EXPECT_TRUE(is_among(chunks_of(JournalStart::fresh, told.durable), found));
  EXPECT_TRUE(is_among(chunks_of(JournalStart::resumed, again.durable), found));
}

class JournalFaultsTest : public ::testing::TestWithParam<std::tuple<On, How, DiskFault::Lasting>> {
 protected:
  // Whether the fault came about.
  bool run_on_faulty_disk(std::uint64_t first, Told& told) const {
    const auto [on, how, lasting] = GetParam();
    FaultyDisk disk({on, how, first, lasting});
    try {
      run_with_journal(path, JournalStart::fresh, told);
    } catch (const Error& error) {
      EXPECT_TRUE(disk.has_struck());
      EXPECT_EQ(error.code(), ExitCode::environment) << error.what();
      const std::string said = error.what();
      EXPECT_NE(said.find(path), std::string::npos) << said;
      EXPECT_EQ(said.find('\n'), std::string::npos) << said;
    }
    return disk.has_struck();
  }

  const ScratchFolder folder{ScratchFolder::On::memory};
  const std::string path = folder.file("run.journal");
};

TEST_P(JournalFaultsTest, the_run_ends_clearly_and_can_be_resumed) {
  std::uint64_t first = 1;
  for (bool struck = true; struck; ++first) {
    SCOPED_TRACE("call " + std::to_string(first));
    Told told;
    struck = run_on_faulty_disk(first, told);
    if (std::filesystem::exists(path)) expect_resumed(path, told);
    std::filesystem::remove(path);
    std::filesystem::remove(path + "-journal");
    ASSERT_LT(first, 1000U);
  }
  EXPECT_GT(first, 2U) << "the fault never came about";
}

std::string fault_name(const ::testing::TestParamInfo<JournalFaultsTest::ParamType>& info) {
  const auto [on, how, lasting] = info.param;
  return name_of(on) + "_" + name_of(how) +
         (lasting == DiskFault::Lasting::once ? "_once" : "_from_then_on");
}

using Lasting = DiskFault::Lasting;
INSTANTIATE_TEST_SUITE_P(
    disk, JournalFaultsTest,
    ::testing::Combine(::testing::Values(On::open, On::read, On::write, On::sync),
                       ::testing::Values(How::input_output, How::full),
                       ::testing::Values(Lasting::once, Lasting::from_then_on)),
    fault_name);
INSTANTIATE_TEST_SUITE_P(
    short_write, JournalFaultsTest,
    ::testing::Combine(::testing::Values(On::write), ::testing::Values(How::cut),
                       ::testing::Values(Lasting::once, Lasting::from_then_on)),
    fault_name);
INSTANTIATE_TEST_SUITE_P(
    remove, JournalFaultsTest,
    ::testing::Combine(::testing::Values(On::remove), ::testing::Values(How::input_output),
                       ::testing::Values(Lasting::once, Lasting::from_then_on)),
    fault_name);

// --- deaths

class SharedTold {
 public:
  SharedTold()
      : told_(new (mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                        -1, 0)) Told) {}
  ~SharedTold() { munmap(told_, sizeof(Told)); }
  SharedTold(const SharedTold&) = delete;
  SharedTold& operator=(const SharedTold&) = delete;
  Told& operator*() const { return *told_; }

 private:
  Told* told_;
};

class JournalDeathsTest : public ::testing::TestWithParam<On> {
 protected:
  // Whether it died.
  bool run_until_death(const std::string& path, JournalStart start, std::uint64_t first,
                       Told& told) const {
    const pid_t child = fork();
    if (child == 0) {
      const FaultyDisk disk({GetParam(), How::death, first, Lasting::once});
      run_with_journal(path, start, told);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
  }
};

TEST_P(JournalDeathsTest, at_any_call_leave_a_journal_that_resumes) {
  const ScratchFolder folder{ScratchFolder::On::memory};
  const std::string path = folder.file("run.journal");
  std::uint64_t first = 1;
  for (bool died = true; died; ++first) {
    SCOPED_TRACE("call " + std::to_string(first));
    const SharedTold told;
    died = run_until_death(path, JournalStart::fresh, first, *told);
    expect_resumed(path, *told);
    if ((*told).begun) {
      const SharedTold again;
      run_until_death(path, JournalStart::resumed, first, *again);
      expect_resumed(path, *told, *again);
    }
    std::filesystem::remove(path);
    std::filesystem::remove(path + "-journal");
    ASSERT_LT(first, 1000U);
  }
  EXPECT_GT(first, 2U) << "nobody ever died";
}

INSTANTIATE_TEST_SUITE_P(disk, JournalDeathsTest,
                         ::testing::Values(On::open, On::read, On::write, On::sync, On::remove),
                         [](const auto& on) { return name_of(on.param); });

TEST(JournalHangTest, a_disk_that_never_returns_is_not_waited_for_at_the_end) {
  const ScratchFolder folder;
  JournalOptions options = journal_options(folder.file("run.journal"), JournalStart::fresh);
  options.close_deadline = std::chrono::milliseconds(50);
  Wakeup wakeup;
  std::optional<SqliteJournal> journal;  // its thread ends when the disk does
  constexpr std::uint64_t never_yet = UINT64_MAX;
  FaultyDisk disk({On::sync, How::never, never_yet, Lasting::once});
  journal.emplace(options, wakeup);
  journal->begin(hundred_chunks, {});
  disk.fail_from_now_on();
  journal->record(records_of({{0, 1}}));
  expect_error(ExitCode::environment, "its disk does not answer", [&] {
    journal->end({Verdict::failed, 4, ""});
  });
  EXPECT_TRUE(journal->hangs());
  EXPECT_TRUE(disk.has_struck());
}

}  // namespace
}  // namespace taskrun::testing
