// SPDX-License-Identifier: MIT
// What tells one run from another: job, parameters, grid, input files, program. A journal is
// resumed by the same run only, and a refusal names what differs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "taskrun/core/chunk_it.hpp"
#include "taskrun/core/input_file.hpp"

namespace taskrun {

/// One thing that is true of a run.
struct Fact {
  enum class Kind : std::uint8_t {
    job,      ///< its name
    program,  ///< version and build
    param,    ///< of the job
    grid,     ///< items, chunks
    input,    ///< a file that the dataset reads
    // What a resumed run is given again, as it was given; never a difference.
    argument,  ///< of the job; a name may come several times
    option,    ///< of the run
    secrets,   ///< a digest of what is masked in the others
  };
  Kind kind = Kind::job;
  std::string name;
  std::string value;
  /// The value (of an input the name) as it is, where a secret is masked in it. Never written.
  std::string unmasked{};

  friend bool operator==(const Fact&, const Fact&) = default;
};
using Fingerprint = std::vector<Fact>;

const char* name_of(Fact::Kind kind);

/// How input files are told apart.
enum class InputIdentity {
  size_and_time,
  content,  ///< a checksum of all they hold
};

/// What a grid fact says of a run whose end is not known.
inline constexpr const char* open_ended = "open-ended";

void add_grid(Fingerprint& fingerprint, const Grid& grid);
/// Files, or folders whose files are not looked at. Throws Error (usage) where one cannot be read.
void add_inputs(Fingerprint& fingerprint, const std::vector<InputFile>& inputs,
                InputIdentity identity);

/// The same with all values as they are.
Fingerprint with_secrets(Fingerprint fingerprint);
/// Whether the run began with --keep-secrets.
bool keeps_secrets(const Fingerprint& recorded);
/// Whether a command that runs it again lacks what was masked.
bool lacks_secrets(const Fingerprint& recorded);
/// Where something is masked: what tells it from other secrets, and says nothing of it.
void add_secrets_digest(Fingerprint& fingerprint);
/// Whether what is masked is the same. Throws CorruptData for a digest that is none of ours.
bool have_same_secrets(const Fingerprint& recorded, const Fingerprint& present);

/// "parameter limit was 100, is 200; input /data/a was missing, is 5 bytes, …"; empty where there
/// is none.
std::string differences(const Fingerprint& recorded, const Fingerprint& present);

std::uint64_t checksum(const Fingerprint& fingerprint);

}  // namespace taskrun
