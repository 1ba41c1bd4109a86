// SPDX-License-Identifier: MIT
#include "taskrun/journal/fingerprint.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <fstream>

#include "taskrun/core/bytes.hpp"
#include "taskrun/core/error.hpp"
#include "taskrun/core/secrets.hpp"
#include "taskrun/journal/secret_digest.hpp"
#include "taskrun/os/system_failure.hpp"

namespace taskrun {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 8> kind_names{"job",   "program",  "param",  "grid",
                                                "input", "argument", "option", "secrets"};
// What fits into a cache is hashed at the speed of reading.
constexpr std::size_t hashed_at_once_bytes = std::size_t{1} << 18;

Error cannot_read(const fs::path& path, int error) {
  return usage_error("cannot read the input " + path.string() + ": " + system_reason(error));
}

// Of the checksums of its parts.
std::uint64_t content_checksum(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  Bytes part(hashed_at_once_bytes);
  Bytes sums;
  while (in) {
    in.read(reinterpret_cast<char*>(part.data()), static_cast<std::streamsize>(part.size()));
    const auto size = static_cast<std::size_t>(in.gcount());
    ByteWriter(sums).put(checksum(ByteView(part).first(size)));
  }
  if (in.bad() || !in.eof()) throw cannot_read(path, EIO);
  return checksum(sums);
}

std::string hexadecimal(std::uint64_t number) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += digits[number >> shift & 15];
  return text;
}

// As people read it, and the same in every time zone: 2026-11-26 05:48:59.123456789 UTC.
std::string date_of(const timespec& time) {
  std::tm parts{};
  if (gmtime_r(&time.tv_sec, &parts) == nullptr) return std::to_string(time.tv_sec) + " s";
  char text[32];
  const std::string date(text, std::strftime(text, sizeof text, "%F %T.", &parts));
  return date + std::to_string(1'000'000'000 + time.tv_nsec).substr(1) + " UTC";
}

std::string identity_of(const fs::path& path, InputIdentity how) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) throw cannot_read(path, errno);
  const std::string size = std::to_string(status.st_size) + " bytes, ";
  if (how == InputIdentity::content && S_ISREG(status.st_mode)) {
    return size + "content " + hexadecimal(content_checksum(path));
  }
  return size + "changed at " + date_of(status.st_mtim);
}

const char* described(Fact::Kind kind) {
  switch (kind) {
    case Fact::Kind::param:
      return "parameter ";
    case Fact::Kind::input:
      return "input ";
    default:
      return "";
  }
}

bool is_given_again(const Fact& fact) {
  return fact.kind == Fact::Kind::argument || fact.kind == Fact::Kind::option ||
         fact.kind == Fact::Kind::secrets;
}

const Fact* find_digest(const Fingerprint& facts) {
  const auto found = std::find_if(facts.begin(), facts.end(), [](const Fact& fact) {
    return fact.kind == Fact::Kind::secrets;
  });
  return found == facts.end() ? nullptr : &*found;
}

bool is_masked(const Fact& fact) { return !fact.unmasked.empty(); }

// All that is masked; the lengths keep one from running into the next.
std::string secrets_of(const Fingerprint& facts) {
  std::string all;
  for (const Fact& fact : facts) {
    if (!is_masked(fact) || is_given_again(fact)) continue;
    for (const std::string* text : {&fact.name, &fact.unmasked}) {
      all += std::to_string(text->size()) + ":" + *text;
    }
  }
  return all;
}

const Fact* find(const Fingerprint& facts, const Fact& like) {
  const auto found = std::find_if(facts.begin(), facts.end(), [&](const Fact& fact) {
    return fact.kind == like.kind && fact.name == like.name;
  });
  return found == facts.end() ? nullptr : &*found;
}

void add_difference(std::string& text, const Fact& fact, const std::string& was,
                    const std::string& is) {
  text += (text.empty() ? "" : "; ") + std::string(described(fact.kind)) + fact.name + " was " +
          was + ", is " + is;
}

}  // namespace

const char* name_of(Fact::Kind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

void add_grid(Fingerprint& fingerprint, const Grid& grid) {
  if (grid.is_open_ended()) {
    fingerprint.push_back({Fact::Kind::grid, "items", open_ended});
    return;
  }
  fingerprint.push_back({Fact::Kind::grid, "items", std::to_string(grid.item_count())});
  fingerprint.push_back({Fact::Kind::grid, "chunks", std::to_string(grid.chunk_count())});
}

void add_inputs(Fingerprint& fingerprint, const std::vector<InputFile>& inputs,
                InputIdentity identity) {
  for (const InputFile& input : inputs) {
    const bool is_file = !input.content;
    const std::string name =
        is_file ? fs::absolute(input.name).lexically_normal().string() : input.name.string();
    Fact fact{
        Fact::Kind::input, without_secrets(name),
        is_file ? identity_of(input.name, identity) : "content " + hexadecimal(*input.content)};
    if (fact.name != name) fact.unmasked = name;
    fingerprint.push_back(std::move(fact));
  }
}

Fingerprint with_secrets(Fingerprint fingerprint) {
  for (Fact& fact : fingerprint) {
    if (!is_masked(fact)) continue;
    (fact.kind == Fact::Kind::input ? fact.name : fact.value) = fact.unmasked;
    fact.unmasked.clear();
  }
  return fingerprint;
}

bool keeps_secrets(const Fingerprint& recorded) {
  return std::any_of(recorded.begin(), recorded.end(), [](const Fact& fact) {
    return fact.kind == Fact::Kind::option && fact.name == "keep-secrets";
  });
}

bool lacks_secrets(const Fingerprint& recorded) { return find_digest(recorded) != nullptr; }

void add_secrets_digest(Fingerprint& fingerprint) {
  if (std::none_of(fingerprint.begin(), fingerprint.end(), is_masked)) return;
  fingerprint.push_back({Fact::Kind::secrets, "digest", secret_digest(secrets_of(fingerprint))});
}

bool have_same_secrets(const Fingerprint& recorded, const Fingerprint& present) {
  const Fact* const digest = find_digest(recorded);
  if (std::none_of(present.begin(), present.end(), is_masked)) return digest == nullptr;
  return digest != nullptr && is_digest_of(digest->value, secrets_of(present));
}

std::string differences(const Fingerprint& recorded, const Fingerprint& present) {
  // Of another job everything differs: its name says enough.
  const Fact job{Fact::Kind::job, "job", ""};
  const Fact* was = find(recorded, job);
  const Fact* is = find(present, job);
  std::string text;
  if (was != nullptr && is != nullptr && was->value != is->value) {
    add_difference(text, job, was->value, is->value);
    return text;
  }
  for (const Fact& fact : recorded) {
    const Fact* now = find(present, fact);
    if (is_given_again(fact) || (now != nullptr && now->value == fact.value)) continue;
    add_difference(text, fact, fact.value, now == nullptr ? "not there" : now->value);
  }
  for (const Fact& fact : present) {
    if (is_given_again(fact) || find(recorded, fact) != nullptr) continue;
    add_difference(text, fact, "not there", fact.value);
  }
  return text;
}

std::uint64_t checksum(const Fingerprint& fingerprint) {
  Bytes bytes;
  ByteWriter out(bytes);
  for (const Fact& fact : fingerprint) {
    out.put(fact.kind);
    out.put_sized(view_of(fact.name));
    out.put_sized(view_of(fact.value));
  }
  return checksum(ByteView(bytes));
}

}  // namespace taskrun
