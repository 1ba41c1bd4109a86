// SPDX-License-Identifier: MIT
// The least that a run can be about: a job that counts its items, and a sink that takes nothing.
#pragma once

#include <cstdint>
#include <ostream>

#include "taskrun/data/datasets.hpp"
#include "taskrun/engine/collector.hpp"
#include "taskrun/job/params.hpp"

namespace taskrun {

struct Count {
  std::uint64_t items = 0;
  void params(Params& params) { params.count("items", items, "how many"); }
  Range dataset() const { return {0, items}; }
  std::uint64_t map(Range part) const { return part.size(); }
  std::uint64_t reduce(std::uint64_t left, std::uint64_t right) const { return left + right; }
  void print(std::uint64_t, std::ostream&) const {}
};

struct NoSink final : Sink {
  void write(ByteView) override {}
  std::uint64_t backlog_bytes() const override { return 0; }
};

}  // namespace taskrun
