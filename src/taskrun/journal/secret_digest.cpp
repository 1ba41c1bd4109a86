// SPDX-License-Identifier: MIT
#include "taskrun/journal/secret_digest.hpp"

#include <crypt.h>
#include <xxhash.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "taskrun/core/bytes.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {
namespace {

// Some 10 ms and 16 MiB; what the text says of it.
constexpr unsigned long digest_cost = 5;
constexpr std::string_view digest_beginning = "$y$j9T$";
constexpr std::size_t most_digest_bytes = 128;

Error cannot_hash() {
  return environment_error("cannot make a digest of the secrets in the arguments (crypt): " +
                           std::generic_category().message(errno) +
                           "; --keep-secrets does without");
}

// crypt(3) takes a phrase of limited length, without NUL.
std::string phrase_of(std::string_view secrets) {
  const XXH128_hash_t hash = XXH3_128bits(secrets.data(), secrets.size());
  return std::to_string(hash.high64) + "," + std::to_string(hash.low64);
}

std::string hashed(std::string_view secrets, const std::string& setting) {
  const auto data = std::make_unique<crypt_data>();
  const char* const digest = crypt_r(phrase_of(secrets).c_str(), setting.c_str(), data.get());
  if (digest == nullptr || *digest == '*') throw cannot_hash();
  return digest;
}

}  // namespace

std::string secret_digest(std::string_view secrets) {
  char salt[CRYPT_GENSALT_OUTPUT_SIZE];
  if (crypt_gensalt_rn("$y$", digest_cost, nullptr, 0, salt, sizeof salt) == nullptr) {
    throw cannot_hash();
  }
  return hashed(secrets, salt);
}

bool is_digest_of(const std::string& digest, std::string_view secrets) {
  if (!digest.starts_with(digest_beginning) || digest.size() > most_digest_bytes) {
    throw CorruptData("the digest of its secrets is none");
  }
  return hashed(secrets, digest) == digest;
}

}  // namespace taskrun
