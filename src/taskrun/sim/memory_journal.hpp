// SPDX-License-Identifier: MIT
// A journal in memory, which outlives simulated crashes: what was made durable stays, what was not
// is gone.
#pragma once

#include <deque>
#include <map>
#include <utility>

#include "taskrun/core/contract.hpp"
#include "taskrun/journal/journal.hpp"

namespace taskrun {

class MemoryJournal final : public Journal {
 public:
  void begin(const Grid&, const std::vector<InputFile>&) override {
    pending_.clear();
    durable_count_ = 0;
  }
  void restore(const Restore& restore) override {
    for (const auto& [begin, piece] : pieces_) restore(piece.chunks, piece.payload);
  }
  InputState input() const override { return input_; }
  Bytes read(ChunkRange chunks) const override { return pieces_.at(chunks.begin).payload; }

  void record(Records records) override { pending_.push_back(std::move(records)); }
  std::uint64_t durable_count() const override { return durable_count_; }

  /// The oldest of the records that wait is on the disk now.
  void write_next() {
    TASKRUN_EXPECT(!pending_.empty());
    if (!pending_.front().pieces.empty()) ++write_count_;
    if (pending_.front().input) input_ = *pending_.front().input;
    for (RecordedPiece& piece : pending_.front().pieces) keep(std::move(piece));
    pending_.pop_front();
    ++durable_count_;
  }

  /// How often pieces were written since the journal was made.
  std::uint64_t write_count() const { return write_count_; }
  std::uint64_t chunk_count() const {
    std::uint64_t count = 0;
    for (const auto& [begin, piece] : pieces_) count += piece.chunks.size();
    return count;
  }

 private:
  void keep(RecordedPiece piece) {
    auto within = pieces_.lower_bound(piece.chunks.begin);
    while (within != pieces_.end() && within->first < piece.chunks.end) {
      TASKRUN_EXPECT(within->second.chunks.end <= piece.chunks.end);
      within = pieces_.erase(within);
    }
    pieces_.emplace(piece.chunks.begin, std::move(piece));
  }

  std::map<std::uint64_t, RecordedPiece> pieces_;  // by first chunk
  InputState input_;
  std::deque<Records> pending_;
  std::uint64_t durable_count_ = 0;
  std::uint64_t write_count_ = 0;
};

}  // namespace taskrun
