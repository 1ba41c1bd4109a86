// SPDX-License-Identifier: MIT
// lying_rank SEED, under mpirun: a whole run one rank of which lies at random in its messages. The
// first message of a rank is honest: a rank that is waited for at the start is another matter.
// Rank 0 says on stdout "right", "failed", with the rest right, "error: …" or "WRONG: …"; who lies,
// how often.
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

#include "liar.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/engine/rank.hpp"
#include "taskrun/mpi/mpi_transport.hpp"
#include "test_jobs.hpp"
#include "text_sink.hpp"

namespace taskrun::testing {
namespace {

constexpr std::uint64_t items = 80;

// Slow enough that all ranks have a part in it.
struct SlowConcatenation : Concatenation {
  std::string map(Range part) const {
    std::this_thread::sleep_for(std::chrono::milliseconds(4));
    return Concatenation::map(part);
  }
};
struct SlowLines : NumberedLines {
  void emit(Range part, Output& out) const {
    std::this_thread::sleep_for(std::chrono::milliseconds(4));
    NumberedLines::emit(part, out);
  }
};

class LyingTransport final : public Transport {
 public:
  LyingTransport(Transport& inner, Liar& liar) : inner_(inner), liar_(liar) {}

  std::uint32_t rank() const override { return inner_.rank(); }
  std::uint32_t size() const override { return inner_.size(); }
  Duration longest_sleep() const override { return inner_.longest_sleep(); }
  void send(std::uint32_t to, Frame frame) override {
    if (honest_left_ > 0) {
      --honest_left_;
      return inner_.send(to, std::move(frame));
    }
    for (Frame& said : liar_.instead_of(std::move(frame))) inner_.send(to, std::move(said));
  }
  std::optional<Received> receive() override {
    auto received = inner_.receive();
    if (received && received->broken.empty()) liar_.hear(received->frame);
    return received;
  }

 private:
  Transport& inner_;
  Liar& liar_;
  int honest_left_ = 1;
};

class NoObserver final : public RunObserver {
 public:
  void on_event(const Event&) override {}
  void on_progress(const Progress&) override {}
};

std::string expected(const Job& job, const std::vector<FailedChunk>& failed) {
  std::string text;
  for (std::uint64_t i = 0; i < items; ++i) {
    bool left_out = false;
    for (const FailedChunk& chunk : failed) left_out |= chunk.chunk == i;
    if (!left_out) text += std::to_string(i) + (job.emits() ? "\n" : ",");
  }
  return text;
}

std::string verdict(const Job& job, const RunOutcome& outcome, const std::string& output,
                    bool workers_were_lied_to) {
  const auto& failed = outcome.account.failed;
  const std::string& result =
      job.emits() ? output : std::any_cast<const std::string&>(outcome.result);
  const std::string right = expected(job, failed);
  if (outcome.end != RunEnd::complete) return "WRONG: not complete";
  if (result != right && !workers_were_lied_to) return "WRONG: " + result + " is not " + right;
  return failed.empty() ? "right" : "failed";
}

int take_part(std::uint64_t seed) {
  MpiEnvironment environment;
  Wakeup wakeup;
  MpiTransport carrier(environment, wakeup);
  // Rank 0 seldom: workers that it leaves alone wait for half a minute.
  const std::uint32_t liar_rank =
      seed % 32 == 0 ? 0 : 1 + static_cast<std::uint32_t>(seed % (carrier.size() - 1));
  Liar liar(seed, liar_rank == 0 ? Liar::Place::rank_0 : Liar::Place::elsewhere);
  LyingTransport lying(carrier, liar);
  Transport& transport = carrier.rank() == liar_rank ? lying : static_cast<Transport&>(carrier);
  const auto job = seed % 2 == 0 ? make_job<SlowConcatenation>(items) : make_job<SlowLines>(items);
  RunOptions options;
  options.slots = 2;
  options.chunk_count = items;
  options.schedule = all_schedules[seed / 2 % std::size(all_schedules)];
  options.stalled_after = std::chrono::seconds(10);
  TextSink sink;
  NoObserver observer;
  Rank rank(transport, wakeup, *job, options, sink, observer);
  std::string said;
  try {
    const auto outcome = rank.run();
    if (outcome) said = verdict(*job, *outcome, sink.text, liar_rank == 0);
  } catch (const std::exception& error) {
    said = std::string("error: ") + error.what();
  }
  if (carrier.rank() == 0) std::cout << said << std::endl;
  if (carrier.rank() == liar_rank) std::cerr << "lies: " << liar.lie_count() << std::endl;
  if (rank.slots_stuck()) std::_Exit(4);
  return 0;
}

}  // namespace
}  // namespace taskrun::testing

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  return taskrun::testing::take_part(std::strtoull(argv[1], nullptr, 10));
}
