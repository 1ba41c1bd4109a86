// SPDX-License-Identifier: MIT
// How fast a journal is written, and restored into a coordinator: every other chunk of a run was
// committed, so that none of them merge. Prints figures as JSON.
//
//   journal_restore FILE [COMMITS]      the file must not be there; it stays
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "counting.hpp"
#include "taskrun/engine/collector.hpp"
#include "taskrun/engine/coordinator.hpp"
#include "taskrun/job/typed_job.hpp"
#include "taskrun/journal/sqlite_journal.hpp"

namespace {

using namespace taskrun;

// As many as a coordinator records at once in a busy run.
constexpr std::uint64_t pieces_at_once = 20'000;

JournalOptions options_for(const char* path, JournalStart start) {
  JournalOptions options;
  options.path = path;
  options.start = start;
  options.fingerprint = {{Fact::Kind::job, "job", "count"}};
  return options;
}

double write_seconds(const char* path, const Grid& grid) {
  Wakeup wakeup;
  SqliteJournal journal(options_for(path, JournalStart::fresh), wakeup);
  journal.begin(grid, {});
  const Time begun = steady_now();
  Records records;
  for (std::uint64_t chunk = 0; chunk < grid.chunk_count(); chunk += 2) {
    records.pieces.push_back({{chunk, chunk + 1}, {}});
    encode(std::uint64_t{1}, records.pieces.back().payload);
    if (records.pieces.size() == pieces_at_once) journal.record(std::exchange(records, {}));
  }
  journal.record(std::move(records));
  journal.end({Verdict::stopped, 75, ""});
  return seconds(steady_now() - begun);
}

double restore_seconds(const char* path, const Grid& grid) {
  TypedJob<Count> job;
  NoSink sink;
  const auto collector = make_collector(job, grid.chunk_count(), sink);
  Coordinator coordinator(job, grid, *collector, {}, Time{});
  Wakeup wakeup;
  const Time begun = steady_now();
  SqliteJournal journal(options_for(path, JournalStart::resumed), wakeup);
  journal.begin(grid, {});
  journal.restore(
      [&](ChunkRange chunks, ByteView payload) { coordinator.restore(chunks, payload); });
  return seconds(steady_now() - begun);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: journal_restore FILE [COMMITS]\n");
    return 2;
  }
  const std::uint64_t commits = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  const Grid grid = chunk_it(2 * commits, 2 * commits);
  const double written = write_seconds(argv[1], grid);
  const double restored = restore_seconds(argv[1], grid);
  std::printf("{\"commit_count\": %" PRIu64
              ", \"written_per_second\": %.0f, \"restored_per_second\": %.0f}\n",
              commits, static_cast<double>(commits) / written,
              static_cast<double>(commits) / restored);
}
