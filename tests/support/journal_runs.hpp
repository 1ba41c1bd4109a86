// SPDX-License-Identifier: MIT
// A run as its journal sees it: of a hundred items in a hundred chunks, unless a test says
// otherwise.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "scratch_folder.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/journal/journal_reader.hpp"
#include "taskrun/journal/sqlite_journal.hpp"

namespace taskrun::testing {

inline const Grid hundred_chunks = chunk_it(100, 100);

inline JournalOptions journal_options(const std::string& path, JournalStart start) {
  JournalOptions options;
  options.path = path;
  options.start = start;
  options.fingerprint = {{Fact::Kind::job, "job", "concatenation"},
                         {Fact::Kind::program, "program", "0.1.0"},
                         {Fact::Kind::param, "items", "100"},
                         {Fact::Kind::option, "retries", "5"}};
  options.program = "0.1.0";
  options.resume_command = "mine resume " + path;
  return options;
}

inline Bytes bytes_of(std::string_view text) {
  const ByteView view = view_of(text);
  return {view.begin(), view.end()};
}

/// What the chunks of the range make; no two ranges make the same.
inline std::string payload_of(ChunkRange chunks) {
  std::string text;
  for (std::uint64_t c = chunks.begin; c < chunks.end; ++c) text += std::to_string(c) + ",";
  return text;
}

inline RecordedPiece piece_of(ChunkRange chunks) { return {chunks, bytes_of(payload_of(chunks))}; }

inline Records records_of(std::initializer_list<ChunkRange> pieces) {
  Records records;
  for (const ChunkRange chunks : pieces) records.pieces.push_back(piece_of(chunks));
  return records;
}

inline void wait_until_durable(const SqliteJournal& journal, Wakeup& wakeup, std::uint64_t count) {
  const Time deadline = steady_now() + std::chrono::seconds(30);
  while (journal.durable_count() < count && steady_now() < deadline) {
    wakeup.wait_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(journal.durable_count(), count);
}

/// Range to payload.
using Restored = std::map<std::pair<std::uint64_t, std::uint64_t>, std::string>;

inline Restored restored_from(SqliteJournal& journal) {
  Restored restored;
  journal.restore([&](ChunkRange chunks, ByteView payload) {
    restored[{chunks.begin, chunks.end}] = text_of(payload);
  });
  return restored;
}

inline Restored expected_pieces(std::initializer_list<ChunkRange> pieces) {
  Restored expected;
  for (const ChunkRange chunks : pieces) expected[{chunks.begin, chunks.end}] = payload_of(chunks);
  return expected;
}

/// A journal that holds these pieces and has ended, stopped.
inline void write_journal(const std::string& path, std::initializer_list<ChunkRange> pieces) {
  Wakeup wakeup;
  SqliteJournal journal(journal_options(path, JournalStart::fresh), wakeup);
  journal.begin(hundred_chunks, {});
  journal.record(records_of(pieces));
  journal.end({Verdict::stopped, 75, ""});
}

/// What a resumed run finds.
inline Restored resume_journal(const std::string& path) {
  Wakeup wakeup;
  SqliteJournal journal(journal_options(path, JournalStart::resumed), wakeup);
  journal.begin(hundred_chunks, {});
  return restored_from(journal);
}

template <class Action>
void expect_error(ExitCode code, const std::string& said, Action action) {
  try {
    action();
    ADD_FAILURE() << "no error was thrown; expected: " << said;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(said), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
  }
}

}  // namespace taskrun::testing
