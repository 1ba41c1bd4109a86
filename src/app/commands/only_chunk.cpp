// SPDX-License-Identifier: MIT
#include "app/commands/only_chunk.hpp"

#include <fmt/format.h>

#include <atomic>
#include <sstream>

#include "app/run_options.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

Bytes slice_of(const Job& job, ItemRange items) {
  Bytes slice;
  if (job.ships()) job.ship(items, slice);
  return slice;
}

// Reads an open-ended input until the item has come, and keeps it.
void read_until(Job& job, std::uint64_t item) {
  Wakeup wakeup;
  job.release({0, item});
  const auto input = job.read_input(wakeup, {});
  for (;;) {
    const InputState state = input->state();
    if (state.item_count > item) return;
    if (state.ended) {
      throw usage_error("--only-chunk " + std::to_string(item + 1) + ": the input has " +
                        std::to_string(state.item_count) + " chunks");
    }
    wakeup.wait_for(std::chrono::hours(1));
  }
}

Error failure(std::uint64_t chunk, ItemRange items, const std::string& what) {
  return {ExitCode::chunks_failed, fmt::format("chunk {} (items {} to {}): {}", chunk + 1,
                                               items.begin + 1, items.end, what)};
}

std::string text_of(const Job& job, const Partial& partial) {
  if (job.emits()) return std::any_cast<const std::string&>(partial);
  std::ostringstream text;
  job.print(partial, text);
  return text.str();
}

}  // namespace

void compute_only_chunk(CommandLine& line, const WriteText& write) {
  const std::uint64_t chunk = *line.settings.isolation.only_chunk;
  Job& job = *line.job;
  const Grid grid = make_grid(job.open(), run_options(line));
  if (grid.is_open_ended()) read_until(job, chunk);
  if (chunk >= grid.chunk_count()) {
    throw usage_error("--only-chunk " + std::to_string(chunk + 1) + ": this run has " +
                      std::to_string(grid.chunk_count()) +
                      (grid.chunk_count() == 1 ? " chunk" : " chunks"));
  }
  const ItemRange items = grid.items(chunk);
  const Bytes slice = slice_of(job, items);
  const std::atomic<bool> stop = false;
  ChunkLimits limits;
  limits.secrets = line.settings.secrets();
  Context context(chunk, 1, stop, limits);
  Partial partial;
  try {
    partial = job.map(items, slice, context);
  } catch (const ChunkFailed& failed) {
    write(failed.text);
    throw failure(chunk, items, failed.what());
  } catch (...) {
    throw failure(chunk, items, described(std::current_exception()));
  }
  write(text_of(job, partial));
}

}  // namespace taskrun
