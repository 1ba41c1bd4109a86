// SPDX-License-Identifier: MIT
// Carries out what --chaos asks for: a small process beside a rank that kills, stops and wakes it,
// and a transport that is slow now and then.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>

#include "app/supervision.hpp"
#include "taskrun/launch/chaos.hpp"
#include "taskrun/net/transport.hpp"

namespace taskrun {

/// SEED or SEED,kill=TIME,… Throws Error (usage).
Chaos parse_chaos(std::string_view text);

/// What this rank is to suffer, as the supervisor said.
struct ChaosHere {
  Chaos chaos;
  FaultyRank rank;
};
std::optional<ChaosHere> chaos_here(const LaunchedRank& launched, const Supervision& supervision);

/// Starts a process that does these things to this one, and dies with it. It begins when what is
/// returned is closed. Call before there are threads, and before MPI.
Descriptor start_chaos_hand(const ChaosHere& here);

class DelayingTransport final : public Transport {
 public:
  /// The inner one outlives it.
  DelayingTransport(Transport& inner, const ChaosHere& here)
      : inner_(inner), delays_(here.chaos, here.rank) {}

  std::uint32_t rank() const override { return inner_.rank(); }
  std::uint32_t size() const override { return inner_.size(); }
  void send(std::uint32_t to, Frame frame) override { inner_.send(to, std::move(frame)); }
  std::optional<Received> receive() override;
  Duration longest_sleep() const override { return inner_.longest_sleep(); }

 private:
  Transport& inner_;
  Delays delays_;
};

}  // namespace taskrun
