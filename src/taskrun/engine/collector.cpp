// SPDX-License-Identifier: MIT
#include "taskrun/engine/collector.hpp"

#include "taskrun/core/contract.hpp"
#include "taskrun/reduce/tree.hpp"

namespace taskrun {
namespace {

class Reducer final : public Collector {
 public:
  Reducer(const Job& job, std::uint64_t chunk_count)
      : job_(job), chunk_count_(chunk_count), tree_(chunk_count, JoinPartials{job}) {}

  void add(ChunkRange piece, ByteView payload) override {
    const auto block = Block::covering(piece, chunk_count_);
    if (!block) throw CorruptData("a partial that is no block of the reduction tree");
    tree_.add(*block, job_.decode(payload));
  }
  void skip(std::uint64_t chunk) override { tree_.skip(chunk); }

  Partial finish() override {
    TASKRUN_EXPECT(tree_.complete());
    auto all = tree_.take_all();
    if (all.empty() || !all.front().value) return job_.nothing();
    return std::move(*all.front().value);
  }

 private:
  const Job& job_;
  std::uint64_t chunk_count_;
  ReductionTree<Partial, JoinPartials> tree_;
};

class Emitter final : public Collector {
 public:
  explicit Emitter(Sink& sink) : sink_(sink) {}

  void add(ChunkRange piece, ByteView payload) override {
    if (piece.begin == next_) {
      sink_.write(payload);
      next_ = piece.end;
      write_waiting();
    } else {
      waiting_bytes_ += payload.size();
      waiting_.emplace(piece.begin, Waiting{piece.end, Bytes(payload.begin(), payload.end())});
    }
  }
  void skip(std::uint64_t chunk) override { add({chunk, chunk + 1}, {}); }

  Partial finish() override {
    TASKRUN_EXPECT(waiting_.empty());
    return {};
  }

  std::uint64_t waiting_bytes() const override { return waiting_bytes_ + sink_.backlog_bytes(); }
  std::uint64_t next_chunk() const override { return next_; }

 private:
  struct Waiting {
    std::uint64_t end;
    Bytes text;
  };

  void write_waiting() {
    for (auto it = waiting_.begin(); it != waiting_.end() && it->first == next_;
         it = waiting_.erase(it)) {
      sink_.write(it->second.text);
      waiting_bytes_ -= it->second.text.size();
      next_ = it->second.end;
    }
  }

  Sink& sink_;
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, Waiting> waiting_;  // by first chunk
  std::uint64_t waiting_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Collector> make_collector(const Job& job, std::uint64_t chunk_count, Sink& sink) {
  if (job.emits()) return std::make_unique<Emitter>(sink);
  return std::make_unique<Reducer>(job, chunk_count);
}

}  // namespace taskrun
