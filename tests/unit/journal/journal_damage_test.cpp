// SPDX-License-Identifier: MIT
// A small journal cut at every byte, and with every byte changed: what is restored is right, or the
// file is refused with a line that says why. Never a crash, never a wrong or doubled result.
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <set>

#include "journal_runs.hpp"
#include "sanitized.hpp"

namespace taskrun::testing {
namespace {

// The tests of one kind are divided among so many, for those who run them side by side.
constexpr std::size_t part_count = 4;

std::string small_journal() {
  const ScratchFolder folder{ScratchFolder::On::memory};
  const std::string path = folder.file("run.journal");
  {
    Wakeup wakeup;
    SqliteJournal journal(journal_options(path, JournalStart::fresh), wakeup);
    journal.begin(hundred_chunks, {});
    // Some pieces give way to larger ones and leave their rests behind.
    for (std::uint64_t i = 0; i < 24; ++i) journal.record(records_of({{i, i + 1}}));
    journal.record(records_of({{0, 8}, {8, 12}, {90, 100}}));
    Records records;
    records.attempts.push_back({{0, 8}, 1, 0, "here", steady_now(), {}, AttemptOutcome::done, ""});
    records.events.push_back({Level::info, "an event"});
    records.progress = Progress{34, 0, 100, 34, 100, 1, 2, {}};
    journal.record(std::move(records));
    journal.end({Verdict::stopped, 75, ""});
  }
  // The smallest there is.
  Database database(path, Database::Access::change);
  sqlite3_limit(database.handle(), SQLITE_LIMIT_ATTACHED, 1);  // VACUUM attaches
  database.run("PRAGMA page_size=512");
  database.run("VACUUM");
  return file_content(path);
}

const std::string& journal_bytes() {
  static const std::string bytes = small_journal();
  return bytes;
}

class JournalDamageTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  // How many chunks were restored; none where it was refused.
  std::optional<std::size_t> resume(const std::string& content) const {
    put_file(path, content);
    std::set<std::uint64_t> chunks;
    try {
      for (const auto& [range, payload] : resume_journal(path)) {
        EXPECT_EQ(payload, payload_of({range.first, range.second}));
        for (std::uint64_t c = range.first; c < range.second; ++c) {
          EXPECT_TRUE(chunks.insert(c).second) << "chunk " << c << " came twice";
        }
      }
    } catch (const Error& error) {
      const std::string said = error.what();
      EXPECT_NE(said.find(path), std::string::npos) << said;
      EXPECT_LT(said.size(), 1000U) << said;
      return std::nullopt;
    }
    return chunks.size();
  }

  // Also who only looks must not crash.
  void look() const {
    try {
      JournalReader reader(path);
      reader.fingerprint();
      reader.sessions();
      reader.progress();
      reader.last_event();
      reader.attempts_after(0, 10);
      reader.failures_from(0, 10);
    } catch (const Error&) {
      // Refused.
    }
  }

  const ScratchFolder folder{ScratchFolder::On::memory};
  const std::string path = folder.file("run.journal");
};

TEST_P(JournalDamageTest, cut_at_every_byte) {
  const std::string& whole = journal_bytes();
  ASSERT_EQ(resume(whole), 34U);
  for (std::size_t size = GetParam(); size < whole.size(); size += part_count) {
    SCOPED_TRACE("cut at " + std::to_string(size));
    EXPECT_FALSE(resume(whole.substr(0, size)));
    look();
    if (HasFailure()) break;
  }
}

constexpr std::size_t byte_step = sanitized ? 16 : 1;

TEST_P(JournalDamageTest, changed_at_every_byte) {
  const std::string& whole = journal_bytes();
  std::size_t refused = 0;
  std::size_t used = 0;
  for (std::size_t at = GetParam(); at < whole.size(); at += part_count * byte_step) {
    for (const char change : {'\xff', '\x01'}) {
      SCOPED_TRACE("changed at " + std::to_string(at));
      std::string content = whole;
      content[at] = static_cast<char>(content[at] ^ change);
      const auto restored = resume(content);
      ++(restored ? used : refused);
      if (restored) {
        EXPECT_LE(*restored, 34U);
      }
      look();
    }
    if (HasFailure()) break;
  }
  // Both must be seen, else the test shows nothing.
  EXPECT_GT(refused, 0U);
  EXPECT_GT(used, 0U);
}

INSTANTIATE_TEST_SUITE_P(part, JournalDamageTest, ::testing::Range<std::size_t>(0, part_count));

}  // namespace
}  // namespace taskrun::testing
