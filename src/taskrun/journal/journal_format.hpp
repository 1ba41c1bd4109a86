// SPDX-License-Identifier: MIT
// What a journal's file looks like: one SQLite database, whose tables are described in
// journal_format.cpp, and how it is told from everything else.
#pragma once

#include <filesystem>
#include <optional>

#include "taskrun/core/input_state.hpp"
#include "taskrun/journal/database.hpp"
#include "taskrun/journal/fingerprint.hpp"

namespace taskrun {

/// How a start of a run ended.
enum class Verdict {
  complete,
  chunks_failed,  ///< complete except for chunks that failed
  stopped,        ///< early; can be resumed
  failed,         ///< the session's reason says why; can be resumed when that is mended
};
inline constexpr Verdict all_verdicts[] = {Verdict::complete, Verdict::chunks_failed,
                                           Verdict::stopped, Verdict::failed};
const char* name_of(Verdict verdict);

/// Within a transaction.
void create_tables(Database& database);
/// Whether nothing has ever been recorded in the file.
bool is_empty(Database& database);
/// Throws Error (usage) for a database that is no journal, or one of a newer version.
void expect_journal(Database& database);
/// Throws Error (environment) where the file's structure is damaged. Reads all of it once.
void expect_sound(Database& database);

/// Opens a journal that is there to look at it, which changes nothing. Throws Error (usage) for all
/// that is none: nothing, a directory, an empty file, any other file.
Database open_journal(const std::filesystem::path& path);

/// What the file says the run is. Throws Error (environment) where that is damaged.
Fingerprint read_fingerprint(Database& database);
/// What was read of the input of an open-ended run; nothing where there is none.
std::optional<InputState> read_input(Database& database);
void write_fingerprint(Database& database, const Fingerprint& fingerprint);

}  // namespace taskrun
