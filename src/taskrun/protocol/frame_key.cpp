// SPDX-License-Identifier: MIT
#include "taskrun/protocol/frame_key.hpp"

#include <xxhash.h>

namespace taskrun {

FrameKey::FrameKey(std::string_view secret) {
  if (secret.empty()) return;
  static_assert(sizeof *secret_ >= XXH3_SECRET_SIZE_MIN);
  secret_.emplace();
  std::uint64_t place = 0;
  for (auto& word : *secret_) word = XXH3_64bits_withSeed(secret.data(), secret.size(), ++place);
}

std::uint64_t FrameKey::checksum(std::uint16_t type, RunId run, ByteView body) const {
  // Odd multiples, the golden ratio's and one of XXH64's primes, spread them over all bits.
  const std::uint64_t of_head = type * 0x9e3779b97f4a7c15U ^ run.value * 0xc2b2ae3d27d4eb4fU;
  if (!secret_) return taskrun::checksum(body) ^ of_head;
  const auto keyed = [&](const void* bytes, std::size_t size) {
    return XXH3_64bits_withSecret(bytes, size, secret_->data(), sizeof *secret_);
  };
  // Twice, so that the checksum of one type or run says nothing of another's.
  const std::array<std::uint64_t, 3> all{keyed(body.data(), body.size()), type, run.value};
  return keyed(all.data(), sizeof all);
}

}  // namespace taskrun
