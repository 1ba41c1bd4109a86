// SPDX-License-Identifier: MIT
// SQLite as the journal uses it: a connection and its statements. What SQLite reports becomes an
// Error that names the file; what is in the file is left to others.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "taskrun/core/bytes.hpp"
#include "taskrun/core/error.hpp"

namespace taskrun {

/// Used by one thread at a time.
class Database {
 public:
  enum class Access {
    look,  ///< changes nothing, neither in the file nor beside it
    change,
  };
  /// In errors.
  struct Names {
    std::filesystem::path path;
    std::string resume_command;  ///< what continues the run, if anything does
  };
  /// Opens the file, which exists. Throws Error, as everything here does: environment for a disk
  /// that fails and for a file that is damaged.
  Database(const std::filesystem::path& file, Access access, Names names);
  Database(const std::filesystem::path& file, Access access)
      : Database(file, access, Names{file, ""}) {}

  /// Whether a write was cut off, which only who may change the file can undo: then nothing can be
  /// read.
  bool must_be_undone();

  void run(const char* sql);
  /// The one number that a statement gives.
  std::int64_t number(const char* sql);
  const std::filesystem::path& path() const { return path_; }
  sqlite3* handle() const { return handle_.get(); }

  Error damaged(const std::string& what) const;
  /// Whether rows, or bytes, of that number may lie in the file: with more, it is damaged.
  bool holds(std::uint64_t count);

  /// For the code that SQLite just returned; errno was 0 before.
  [[noreturn]] void fail(int code) const;

 private:
  // Of what statements give that is not in a file, such as an error's text.
  static constexpr std::uint64_t least_size_bytes = 64 << 10;

  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::filesystem::path path_;
  std::string resume_command_;
  Access access_;
  std::uint64_t size_bytes_ = least_size_bytes;  // of the file when that was last of interest
  std::unique_ptr<sqlite3, Close> handle_;
};

/// A prepared statement. Parameters are bound in their order, columns count from 0.
class Statement {
 public:
  /// The database outlives the statement.
  Statement(Database& database, const char* sql);

  template <class... Values>
  Statement& bind(const Values&... values) {
    int index = 0;
    (bind_one(++index, values), ...);
    return *this;
  }
  /// The next row, if there is one. What the columns gave before is gone.
  bool step();
  /// To the end, whatever the rows are; can be bound and run again.
  void run();
  /// Can be bound and stepped through again.
  void reset();

  std::int64_t integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
  /// Numbers of 64 bits without a sign lie in the file as those with one.
  std::uint64_t count(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  double real(int column) const { return sqlite3_column_double(handle_.get(), column); }
  bool is_null(int column) const {
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
  }
  std::string text(int column) const { return std::string(text_of(bytes(column))); }
  /// Until the next step.
  ByteView bytes(int column) const;

 private:
  /// Throws Error where the rows so far have more than the file can hold.
  void expect_room(std::uint64_t found) const;
  void bind_one(int index, std::int64_t value);
  void bind_one(int index, std::uint64_t value) {
    bind_one(index, static_cast<std::int64_t>(value));
  }
  void bind_one(int index, std::uint32_t value) {
    bind_one(index, static_cast<std::int64_t>(value));
  }
  void bind_one(int index, int value) { bind_one(index, static_cast<std::int64_t>(value)); }
  void bind_one(int index, std::optional<std::int64_t> value);
  void bind_one(int index, double value);
  void bind_one(int index, std::string_view text);
  void bind_one(int index, const std::string& text) { bind_one(index, std::string_view(text)); }
  void bind_one(int index, const char* text) { bind_one(index, std::string_view(text)); }
  void bind_one(int index, ByteView bytes);
  void bind_one(int index, const Bytes& bytes) { bind_one(index, ByteView(bytes)); }
  void check(int code) const;

  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };
  Database& database_;
  std::uint64_t rows_ = 0;
  mutable std::uint64_t bytes_ = 0;  // that columns gave
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// The keys of rows that are read in their order. In a damaged file they may not ascend, and never
/// end.
class Ascending {
 public:
  /// The database outlives it; `last`: the key before the first row.
  explicit Ascending(const Database& database, std::int64_t last = INT64_MIN)
      : database_(database), last_(last) {}
  /// Throws Error where it does not follow the last.
  void next(std::int64_t key) {
    if (key <= last_) throw database_.damaged("its rows are not in their order");
    last_ = key;
  }

 private:
  const Database& database_;
  std::int64_t last_;
};

/// Everything until commit() becomes durable together, or not at all.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace taskrun
