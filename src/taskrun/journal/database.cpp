// SPDX-License-Identifier: MIT
#include "taskrun/journal/database.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include "taskrun/core/error.hpp"
#include "taskrun/os/system_failure.hpp"

namespace taskrun {
namespace {

// Somebody who looks at the file holds its lock for milliseconds; who holds it for so long is
// stopped or has forgotten it.
constexpr int lock_patience_milliseconds = 60'000;

// Far above what a journal's tables and our statements need, and far below what would cost
// anything.
constexpr std::pair<int, int> limits[] = {
    {SQLITE_LIMIT_SQL_LENGTH, 10'000},  {SQLITE_LIMIT_COLUMN, 50},
    {SQLITE_LIMIT_EXPR_DEPTH, 20},      {SQLITE_LIMIT_COMPOUND_SELECT, 2},
    {SQLITE_LIMIT_VDBE_OP, 10'000},     {SQLITE_LIMIT_FUNCTION_ARG, 8},
    {SQLITE_LIMIT_ATTACHED, 0},         {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50},
    {SQLITE_LIMIT_VARIABLE_NUMBER, 50}, {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    {SQLITE_LIMIT_WORKER_THREADS, 0}};

std::string named(const std::filesystem::path& path) { return "the journal " + path.string(); }

std::string reason(int error, const std::string& otherwise) {
  return error == 0 ? otherwise + "; look at its disk, or try a copy of it" : system_reason(error);
}

// SQLite keeps what the system said of some calls; of the others, such as those of a commit, it is
// what the last call left that failed. Those that look for a file are none of them.
int error_behind(sqlite3* handle, int left) {
  if (const int kept = handle == nullptr ? 0 : sqlite3_system_errno(handle); kept != 0) return kept;
  const bool is_of_others = left == ENOENT || left == EAGAIN || left == EINTR || left == ENOTTY;
  return is_of_others ? 0 : left;
}

// What is done when the file is in order again; those who only look do nothing.
std::string then_resume(const std::string& command) {
  if (command.empty()) return "";
  return "; what it holds is safe: when that is repaired, continue with '" + command + "'";
}

bool is_writing(int extended_code) {
  switch (extended_code) {
    case SQLITE_IOERR_READ:
    case SQLITE_IOERR_SHORT_READ:
    case SQLITE_IOERR_FSTAT:
    case SQLITE_IOERR_CORRUPTFS:
      return false;
    default:
      return true;
  }
}

// To who only looks a write that ends at that very moment looks like one that was cut off: its
// rollback journal is there, and then it cannot be opened any more (hasHotJournal in SQLite's
// pager.c takes that for one to be undone). What was cut off looks so each time.
template <class Call>
int until_undone(const Call& call) {
  constexpr int looks = 20;
  constexpr int pause_milliseconds = 2;
  int code = call();
  for (int look = 1; code == SQLITE_READONLY_ROLLBACK && look < looks; ++look) {
    poll(nullptr, 0, pause_milliseconds);
    code = call();
  }
  return code;
}

}  // namespace

Database::Database(const std::filesystem::path& file, Access access, Names names)
    : path_(std::move(names.path)),
      resume_command_(std::move(names.resume_command)),
      access_(access) {
  sqlite3* handle = nullptr;
  errno = 0;
  const int mode = access == Access::look ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  const int code = sqlite3_open_v2(file.c_str(), &handle, mode, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail(code);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, lock_patience_milliseconds);
  // The file may be anybody's: nothing in it is to be trusted or executed.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  for (const auto& [limit, most] : limits) sqlite3_limit(handle, limit, most);
  run("PRAGMA cell_size_check=ON");
}

bool Database::must_be_undone() {
  const int code = until_undone([this] {
    return sqlite3_exec(handle(), "SELECT 1 FROM sqlite_schema LIMIT 1", nullptr, nullptr, nullptr);
  });
  return code == SQLITE_READONLY_ROLLBACK;
}

// It may grow while it is looked at.
bool Database::holds(std::uint64_t count) {
  if (count <= size_bytes_) return true;
  size_bytes_ = std::max(size_bytes_, static_cast<std::uint64_t>(number("PRAGMA page_count")) *
                                          static_cast<std::uint64_t>(number("PRAGMA page_size")));
  return count <= size_bytes_;
}

Error Database::damaged(const std::string& what) const {
  return environment_error(named(path_) + " is damaged: " + what +
                           "; begin again with another file, or try a copy of this one");
}

void Database::fail(int code) const {
  const int left = errno;
  sqlite3* const handle = handle_.get();
  const int error = error_behind(handle, left);
  const char* const words = handle == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle);
  switch (code & 0xff) {
    case SQLITE_NOMEM:
      throw std::bad_alloc();
    case SQLITE_FULL:
      throw environment_error(named(path_) + " cannot be written: " + system_reason(ENOSPC) +
                              then_resume(resume_command_));
    case SQLITE_TOOBIG:
      throw environment_error(named(path_) +
                              " cannot keep a result of more than a gigabyte: make chunks smaller");
    case SQLITE_NOLFS:
    case SQLITE_IOERR:
      throw environment_error(
          named(path_) + " cannot be " +
          (access_ == Access::change && is_writing(code) ? "written: " : "read: ") +
          reason(error, words) + then_resume(resume_command_));
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      throw environment_error(
          named(path_) +
          (access_ == Access::look ? " cannot be opened: " : " cannot be opened for writing: ") +
          reason(error, words) + "; files are written beside it as well: check its folder");
    case SQLITE_NOTADB:
      throw usage_error(path_.string() +
                        " is there, but is no journal of taskrun; name another file");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      throw environment_error(
          named(path_) + " has been locked by another program for a minute; end that" +
          (resume_command_.empty() ? "" : ", then continue with '" + resume_command_ + "'"));
    default:
      throw damaged(words);
  }
}

void Database::run(const char* sql) { Statement(*this, sql).run(); }

std::int64_t Database::number(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

// --- statements

Statement::Statement(Database& database, const char* sql) : database_(database) {
  sqlite3_stmt* handle = nullptr;
  errno = 0;
  const int code = until_undone(
      [&] { return sqlite3_prepare_v2(database.handle(), sql, -1, &handle, nullptr); });
  handle_.reset(handle);
  check(code);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) database_.fail(code);
}

bool Statement::step() {
  errno = 0;
  const int code = until_undone([this] {
    const int step = sqlite3_step(handle_.get());
    if (step == SQLITE_READONLY_ROLLBACK) sqlite3_reset(handle_.get());
    return step;
  });
  if (code == SQLITE_ROW) {
    expect_room(++rows_);
    return true;
  }
  if (code != SQLITE_DONE) database_.fail(code);
  return false;
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() {
  sqlite3_reset(handle_.get());
  rows_ = 0;
  bytes_ = 0;
}

// Pages that are chained in a circle would give rows without an end.
void Statement::expect_room(std::uint64_t found) const {
  if (!database_.holds(found)) throw database_.damaged("its pages are chained in a circle");
}

ByteView Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(handle_.get(), column);
  const int size = sqlite3_column_bytes(handle_.get(), column);
  if (data == nullptr && size > 0) throw std::bad_alloc();
  bytes_ += static_cast<std::uint64_t>(size);
  expect_room(bytes_);
  return {static_cast<const std::byte*>(data), static_cast<std::size_t>(size)};
}

void Statement::bind_one(int index, std::int64_t value) {
  check(sqlite3_bind_int64(handle_.get(), index, value));
}

void Statement::bind_one(int index, std::optional<std::int64_t> value) {
  check(value ? sqlite3_bind_int64(handle_.get(), index, *value)
              : sqlite3_bind_null(handle_.get(), index));
}

void Statement::bind_one(int index, double value) {
  check(sqlite3_bind_double(handle_.get(), index, value));
}

// Text and bytes must live until the statement has run.
void Statement::bind_one(int index, std::string_view text) {
  check(sqlite3_bind_text64(handle_.get(), index, text.data() == nullptr ? "" : text.data(),
                            text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind_one(int index, ByteView bytes) {
  // A null pointer would be no blob but NULL.
  const void* data = bytes.empty() ? "" : static_cast<const void*>(bytes.data());
  check(sqlite3_bind_blob64(handle_.get(), index, data, bytes.size(), SQLITE_STATIC));
}

// --- transactions

Transaction::Transaction(Database& database) : database_(database) {
  database_.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  // Where this fails too, the next who opens the file rolls back.
  if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

}  // namespace taskrun
