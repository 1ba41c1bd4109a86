// SPDX-License-Identifier: MIT
// Keeps what is emitted.
#pragma once

#include <string>

#include "taskrun/engine/collector.hpp"

namespace taskrun::testing {

class TextSink final : public Sink {
 public:
  void write(ByteView bytes) override { text += text_of(bytes); }
  std::uint64_t backlog_bytes() const override { return backlog; }
  std::string text;
  std::uint64_t backlog = 0;  ///< what it says
};

}  // namespace taskrun::testing
