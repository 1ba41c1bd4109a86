// SPDX-License-Identifier: MIT
#include "taskrun/engine/collector.hpp"

#include <optional>
#include <utility>

#include "taskrun/core/contract.hpp"
#include "taskrun/reduce/tree.hpp"

namespace taskrun {
namespace {

class Reducer final : public Collector {
 public:
  Reducer(const Job& job, std::uint64_t chunk_count)
      : job_(job), chunk_count_(chunk_count), tree_(chunk_count, JoinPartials{job}) {}

  void add(ChunkRange piece, ByteView payload) override {
    end_restoring();
    place(piece, payload);
  }
  // Only at the end: a block that spans a chunk without a result must not be recorded as done, for
  // a resumed run tries that chunk again.
  void skip(std::uint64_t chunk, ByteView, ByteView) override { skipped_.push_back(chunk); }

  void restore(ChunkRange piece, ByteView payload) override {
    restoring_ = true;
    place(piece, payload);
  }
  void take_fresh(std::vector<RecordedPiece>& out) override {
    end_restoring();
    tree_.see_fresh([&](ChunkRange chunks, const Partial& value) {
      out.push_back({chunks, {}});
      job_.encode(value, out.back().payload);
    });
  }

  Partial finish() override {
    for (const std::uint64_t chunk : std::exchange(skipped_, {})) tree_.skip(chunk);
    TASKRUN_EXPECT(tree_.complete());
    auto all = tree_.take_all();
    if (all.empty() || !all.front().value) return job_.nothing();
    return std::move(*all.front().value);
  }

 private:
  void place(ChunkRange piece, ByteView payload) {
    const auto block = Block::covering(piece, chunk_count_);
    if (!block) throw CorruptData("a partial that is no block of the reduction tree");
    tree_.add(*block, job_.decode(payload));
  }
  // What was restored is in the journal already.
  void end_restoring() {
    if (std::exchange(restoring_, false)) tree_.see_fresh([](ChunkRange, const Partial&) {});
  }

  const Job& job_;
  std::uint64_t chunk_count_;
  ReductionTree<Partial, JoinPartials> tree_;
  std::vector<std::uint64_t> skipped_;
  bool restoring_ = false;
};

class Emitter final : public Collector {
 public:
  Emitter(const Job& job, Sink& sink, const Journal* journal)
      : unordered_(job.unordered()), sink_(sink), journal_(journal) {}

  void add(ChunkRange piece, ByteView payload) override {
    if (journal_ != nullptr) {
      fresh_.push_back({piece, Bytes(payload.begin(), payload.end())});
      fresh_bytes_ += payload.size();
    }
    place(piece, payload);
  }
  // Not recorded: a resumed run tries the chunk again.
  void skip(std::uint64_t chunk, ByteView text, ByteView details) override {
    place({chunk, chunk + 1}, text, details);
  }

  // Its text stays in the journal until its turn comes.
  void restore(ChunkRange piece, ByteView) override {
    waiting_.emplace(piece.begin, Waiting{piece.end, std::nullopt, {}});
    ++restored_count_;
  }
  void take_fresh(std::vector<RecordedPiece>& out) override {
    if (out.empty()) {
      std::swap(out, fresh_);
    } else {
      for (RecordedPiece& piece : fresh_) out.push_back(std::move(piece));
    }
    fresh_.clear();
    fresh_bytes_ = 0;
  }

  Partial finish() override {
    write_waiting(UINT64_MAX);
    TASKRUN_EXPECT(waiting_.empty());
    return {};
  }

  std::uint64_t waiting_bytes() const override { return waiting_bytes_; }
  std::uint64_t leaving_bytes() const override { return sink_.backlog_bytes() + fresh_bytes_; }
  std::uint64_t next_chunk() const override { return next_; }
  void write_restored(std::uint64_t backlog_limit) override {
    if (restored_count_ > 0) write_waiting(backlog_limit);
  }
  bool has_restored() const override { return restored_count_ > 0; }

 private:
  struct Waiting {
    std::uint64_t end;
    std::optional<Bytes> text;  // nothing: it is in the journal
    Bytes details;
  };

  void place(ChunkRange piece, ByteView text, ByteView details = {}) {
    if (unordered_) {
      write(text, details);
    } else if (piece.begin == next_) {
      write(text, details);
      next_ = piece.end;
      // What was restored must wait until the sink has taken something.
      if (restored_count_ == 0) write_waiting(UINT64_MAX);
    } else {
      waiting_bytes_ += text.size() + details.size();
      waiting_.emplace(piece.begin, Waiting{piece.end, Bytes(text.begin(), text.end()),
                                            Bytes(details.begin(), details.end())});
    }
  }

  void write(ByteView text, ByteView details) {
    sink_.write(text);
    if (!details.empty()) sink_.write_details(details);
  }

  void write_waiting(std::uint64_t backlog_limit) {
    for (auto it = waiting_.begin(); it != waiting_.end() && (unordered_ || it->first == next_) &&
                                     sink_.backlog_bytes() <= backlog_limit;
         it = waiting_.erase(it)) {
      const Waiting& waiting = it->second;
      if (waiting.text) {
        write(*waiting.text, waiting.details);
        waiting_bytes_ -= waiting.text->size() + waiting.details.size();
      } else {
        sink_.write(journal_->read({it->first, waiting.end}));
        --restored_count_;
      }
      next_ = waiting.end;
    }
  }

  const bool unordered_;
  Sink& sink_;
  const Journal* journal_;
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, Waiting> waiting_;  // by first chunk
  std::uint64_t waiting_bytes_ = 0;           // of those in memory
  std::size_t restored_count_ = 0;            // of those that are not
  std::vector<RecordedPiece> fresh_;
  std::uint64_t fresh_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Collector> make_collector(const Job& job, std::uint64_t chunk_count, Sink& sink,
                                          const Journal* journal) {
  if (job.emits()) return std::make_unique<Emitter>(job, sink, journal);
  return std::make_unique<Reducer>(job, chunk_count);
}

}  // namespace taskrun
