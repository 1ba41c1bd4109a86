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
  void write_details(ByteView bytes) override { details += text_of(bytes); }
  std::string text;
  std::string details;
  std::uint64_t backlog = 0;  ///< what it says
};

}  // namespace taskrun::testing
