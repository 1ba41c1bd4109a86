// SPDX-License-Identifier: MIT
#include "faulty_disk.hpp"

#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>

namespace taskrun::testing {
namespace {

using On = DiskFault::On;
using How = DiskFault::How;

// SQLite knows one set of functions: what they share is here.
struct Disk {
  std::mutex mutex;
  DiskFault fault;
  std::uint64_t calls = 0;
  bool struck = false;
  int error = 0;
  std::condition_variable gone;
  bool lives = false;
};
Disk disk;

sqlite3_vfs* real_disk() {
  static sqlite3_vfs* const real = sqlite3_vfs_find(nullptr);
  return real;
}

// What is to happen to this call; nothing where it goes well.
std::optional<How> strike(On on) {
  std::unique_lock lock(disk.mutex);
  if (disk.fault.on != on) return std::nullopt;
  const std::uint64_t call = ++disk.calls;
  const bool strikes = disk.fault.lasting == DiskFault::Lasting::once ? call == disk.fault.first
                                                                      : call >= disk.fault.first;
  if (!strikes) return std::nullopt;
  disk.struck = true;
  if (disk.fault.how == How::never) {
    disk.gone.wait(lock, [] { return !disk.lives; });
    return std::nullopt;
  }
  disk.error = disk.fault.how == How::input_output ? EIO : ENOSPC;
  return disk.fault.how;
}

[[noreturn]] void die() {
  kill(getpid(), SIGKILL);
  while (true) pause();
}

int code_for(How how, int input_output) {
  if (how == How::death) die();
  return how == How::input_output ? input_output : SQLITE_FULL;
}

struct File {
  sqlite3_file base;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_file* real_of(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real(); }

int close_file(sqlite3_file* file) { return real_of(file)->pMethods->xClose(real_of(file)); }

int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  if (const auto how = strike(On::read)) return code_for(*how, SQLITE_IOERR_READ);
  return real_of(file)->pMethods->xRead(real_of(file), to, size, at);
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  const auto how = strike(On::write);
  if (!how) return real_of(file)->pMethods->xWrite(real_of(file), from, size, at);
  if (*how == How::cut || *how == How::death) {
    real_of(file)->pMethods->xWrite(real_of(file), from, size / 2, at);
  }
  return code_for(*how, SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

int sync_file(sqlite3_file* file, int flags) {
  if (const auto how = strike(On::sync)) return code_for(*how, SQLITE_IOERR_FSYNC);
  return real_of(file)->pMethods->xSync(real_of(file), flags);
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock_file(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xLock(real_of(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_lock(sqlite3_file* file, int* reserved) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), reserved);
}
int control_file(sqlite3_file* file, int operation, void* argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}
int sector_size(sqlite3_file* file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
int characteristics(sqlite3_file* file) {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

const sqlite3_io_methods file_methods = [] {
  sqlite3_io_methods methods{};
  methods.iVersion = 1;
  methods.xClose = close_file;
  methods.xRead = read_file;
  methods.xWrite = write_file;
  methods.xTruncate = truncate_file;
  methods.xSync = sync_file;
  methods.xFileSize = size_of_file;
  methods.xLock = lock_file;
  methods.xUnlock = unlock_file;
  methods.xCheckReservedLock = check_lock;
  methods.xFileControl = control_file;
  methods.xSectorSize = sector_size;
  methods.xDeviceCharacteristics = characteristics;
  return methods;
}();

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  if (const auto how = strike(On::open)) return code_for(*how, SQLITE_CANTOPEN);
  const int code = real_disk()->xOpen(real_disk(), name, real_of(file), flags, out_flags);
  if (real_of(file)->pMethods != nullptr) file->pMethods = &file_methods;
  return code;
}

int remove_file(sqlite3_vfs*, const char* name, int sync_folder) {
  if (const auto how = strike(On::remove)) return code_for(*how, SQLITE_IOERR_DELETE);
  return real_disk()->xDelete(real_disk(), name, sync_folder);
}

int last_error(sqlite3_vfs*, int size, char* text) {
  {
    const std::lock_guard lock(disk.mutex);
    if (disk.struck) return disk.error;
  }
  return real_disk()->xGetLastError(real_disk(), size, text);
}

sqlite3_vfs faulty = [] {
  sqlite3_vfs vfs = *real_disk();
  vfs.pNext = nullptr;
  vfs.zName = "faulty";
  vfs.szOsFile = static_cast<int>(sizeof(File)) + real_disk()->szOsFile;
  vfs.xOpen = open_file;
  vfs.xDelete = remove_file;
  vfs.xGetLastError = last_error;
  return vfs;
}();

}  // namespace

FaultyDisk::FaultyDisk(const DiskFault& fault) {
  sqlite3_initialize();
  real_disk();
  const std::lock_guard lock(disk.mutex);
  disk.fault = fault;
  disk.calls = 0;
  disk.struck = false;
  disk.lives = true;
  sqlite3_vfs_register(&faulty, 1);
}

FaultyDisk::~FaultyDisk() {
  {
    const std::lock_guard lock(disk.mutex);
    disk.lives = false;
    disk.gone.notify_all();
  }
  sqlite3_vfs_unregister(&faulty);
  sqlite3_vfs_register(real_disk(), 1);
}

void FaultyDisk::fail_from_now_on() {
  const std::lock_guard lock(disk.mutex);
  disk.fault.first = disk.calls + 1;
  disk.fault.lasting = DiskFault::Lasting::from_then_on;
}

bool FaultyDisk::has_struck() const {
  const std::lock_guard lock(disk.mutex);
  return disk.struck;
}

std::string name_of(DiskFault::On on) {
  constexpr const char* names[] = {"open", "read", "write", "sync", "remove"};
  return names[static_cast<std::size_t>(on)];
}

std::string name_of(DiskFault::How how) {
  constexpr const char* names[] = {"input_output", "full", "cut", "death", "never"};
  return names[static_cast<std::size_t>(how)];
}

}  // namespace taskrun::testing
