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

std::uint64_t FrameKey::checksum(std::uint16_t type, ByteView body) const {
  // A multiple of the golden ratio spreads the type over all bits.
  const std::uint64_t of_type = type * 0x9e3779b97f4a7c15U;
  if (!secret_) return taskrun::checksum(body) ^ of_type;
  const auto keyed = [&](const void* bytes, std::size_t size) {
    return XXH3_64bits_withSecret(bytes, size, secret_->data(), sizeof *secret_);
  };
  // Twice, so that one type's checksum says nothing of another's.
  const std::array both{keyed(body.data(), body.size()), of_type};
  return keyed(both.data(), sizeof both);
}

}  // namespace taskrun
