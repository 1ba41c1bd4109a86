// SPDX-License-Identifier: MIT
// What makes the checksum of a run's frames its own, so that frames of anybody else are refused.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "taskrun/core/bytes.hpp"
#include "taskrun/core/ids.hpp"

namespace taskrun {

/// A checksum of 64 bits (XXH3), with a secret or without. With one, who does not have it makes a
/// frame that passes once in 2^64 tries. It is no message authentication code: somebody who reads
/// the frames of a run, and may try long enough, is not kept out.
class FrameKey {
 public:
  /// Without a secret: finds accidents.
  FrameKey() = default;
  /// An empty secret is none.
  explicit FrameKey(std::string_view secret);

  std::uint64_t checksum(std::uint16_t type, RunId run, ByteView body) const;

 private:
  std::optional<std::array<std::uint64_t, 24>> secret_;
};

}  // namespace taskrun
